using System;
using System.IO;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A fact on golden data that is too large for the repository: skipped, with the reason shown, where it is absent.</summary>
internal class GoldenFactAttribute : FactAttribute
{
    /// <param name="folder">Folder of golden data.</param>
    /// <param name="file">File in it.</param>
    /// <param name="fullSize">Whether it takes minutes or gigabytes, and so has to be asked for with GEMMAVK_FULL_SIZE=1.</param>
    public GoldenFactAttribute(string folder, string file, bool fullSize = false)
    {
        if (fullSize && !FullSizeFactAttribute.Asked)
        {
            Skip = "takes minutes or gigabytes; set GEMMAVK_FULL_SIZE=1 to run it";
        }

        if (Repository.Shared is null || !File.Exists(Path.Combine(Repository.Shared, "golden", folder, file)))
        {
            Skip = $"golden/{folder}/{file} is not in a shared folder beside the repository";
        }
    }
}
