using System;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>A test of the program that tools/gemmavk compiled ahead of time: skipped where none is, or where its sources are newer.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublishedFactAttribute : FactAttribute
{
    public PublishedFactAttribute()
    {
        FileInfo began = new(Repository.Path("artifacts", "cli", ".began"));
        if (!File.Exists(Program))
        {
            Skip = "the program is not compiled ahead of time here; run tools/gemmavk --help first";
        }
        else if (new DirectoryInfo(Repository.Path("src")).EnumerateFiles("*.cs*", SearchOption.AllDirectories)
            .Any(file => file.LastWriteTimeUtc > began.LastWriteTimeUtc && !IsIntermediate(file.FullName)))
        {
            Skip = "a source is newer than artifacts/cli; run tools/gemmavk --help first";
        }
        else if (!HoldsNativeCode(Program))
        {
            Skip = "artifacts/cli was built where no ahead-of-time compiler could be restored";
        }
    }

    /// <summary>The assembly.</summary>
    public static string Program { get; } = Repository.Path("artifacts", "cli", "GemmaVk.Cli.dll");

    private static bool HoldsNativeCode(string assembly)
    {
        using PEReader reader = new(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader is { ManagedNativeHeaderDirectory.Size: > 0 };
    }

    private static bool IsIntermediate(string file) => file.Split(Path.DirectorySeparatorChar) is { } parts && (parts.Contains("obj") || parts.Contains("bin"));
}
