using System;
using Xunit;

namespace GemmaVk.Shared;

/// <summary>A test that writes gigabytes: it runs where GEMMAVK_FULL_SIZE=1 is set and is shown as skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FullSizeFactAttribute : FactAttribute
{
    public FullSizeFactAttribute()
    {
        if (!Asked)
        {
            Skip = "writes gigabytes; set GEMMAVK_FULL_SIZE=1 to run it";
        }
    }

    internal static bool Asked => Environment.GetEnvironmentVariable("GEMMAVK_FULL_SIZE") == "1";
}
