using System;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A test that writes gigabytes: it runs where GEMMAVK_FULL_SIZE=1 is set and is shown as skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FullSizeFactAttribute : FactAttribute
{
    public FullSizeFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("GEMMAVK_FULL_SIZE") != "1")
        {
            Skip = "writes gigabytes; set GEMMAVK_FULL_SIZE=1 to run it";
        }
    }
}
