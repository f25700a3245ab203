using System;
using System.IO;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>
/// A test against llama.cpp: <c>GEMMAVK_PEER</c> names a folder with <c>llbench</c>, a program that drives its libraries, and the libraries in <c>lib</c>.
/// Skipped, visibly, without.
/// </summary>
public sealed class PeerFactAttribute : FactAttribute
{
    public PeerFactAttribute()
    {
        if (Folder is null || !File.Exists(Path.Combine(Folder, "llbench")))
        {
            Skip = "needs llama.cpp: GEMMAVK_PEER names a folder with llbench and lib";
        }
    }

    /// <summary>The folder.</summary>
    internal static string? Folder { get; } = Environment.GetEnvironmentVariable("GEMMAVK_PEER");
}
