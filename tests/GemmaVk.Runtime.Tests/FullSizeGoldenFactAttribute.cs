using System;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// A <see cref="GoldenFactAttribute"/> that takes minutes or gigabytes: it runs where GEMMAVK_FULL_SIZE=1 is set and is
/// shown as skipped elsewhere.
/// </summary>
internal sealed class FullSizeGoldenFactAttribute : GoldenFactAttribute
{
    public FullSizeGoldenFactAttribute(string folder, string file)
        : base(folder, file)
    {
        if (Environment.GetEnvironmentVariable("GEMMAVK_FULL_SIZE") != "1")
        {
            Skip ??= "takes minutes or gigabytes; set GEMMAVK_FULL_SIZE=1 to run it";
        }
    }
}
