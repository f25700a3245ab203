using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace GemmaVk.House.Tests;

/// <summary>The repository these tests run in, as a list of hand-written text files. Paths are relative, with slashes.</summary>
internal static class Checkout
{
    private static readonly string[] Extensions =
        [".cs", ".comp", ".glsl", ".md", ".txt", ".csproj", ".props", ".targets", ".sh", ".cmd", ".py", ".yml", ".editorconfig"];

    private static readonly string[] Unwritten = ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules"];

    /// <summary>Every text file that people write: sources, shaders, documents, project files and scripts; nothing generated, no data.</summary>
    public static IReadOnlyList<string> Texts { get; } = [.. Files("").Where(IsText).Order(StringComparer.Ordinal)];

    /// <summary>Whether a file or folder is there.</summary>
    public static bool Has(string path) => Path.Exists(Full(path));

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(Full(path));

    /// <summary>Where a path is on this machine.</summary>
    public static string Full(string path) => Repository.Path(path);

    /// <summary>Files of a folder and of those below it, or none where there is no such folder.</summary>
    public static IEnumerable<string> Files(string folder)
    {
        if (!Directory.Exists(Full(folder)))
        {
            yield break;
        }

        foreach (string entry in Directory.EnumerateFileSystemEntries(Full(folder)))
        {
            string name = Path.GetFileName(entry);
            string path = Path.GetRelativePath(Repository.Root, entry).Replace('\\', '/');
            if (File.Exists(entry))
            {
                yield return path;
            }
            else if (!Unwritten.Contains(name) && (!name.StartsWith('.') || name == ".ci"))
            {
                foreach (string below in Files(path))
                {
                    yield return below;
                }
            }
        }
    }

    private static bool IsText(string path) =>
        !path.StartsWith("tests/golden/", StringComparison.Ordinal)
        && (Extensions.Contains(Path.GetExtension(path))
            || (Path.GetExtension(path).Length == 0 && (path.StartsWith("tools/", StringComparison.Ordinal) || path.StartsWith(".ci/", StringComparison.Ordinal))));
}
