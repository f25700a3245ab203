using System;
using System.IO;

namespace GemmaVk.Weights.Tests;

/// <summary>Paths of the golden data in the repository.</summary>
internal static class Golden
{
    public static string Root { get; } = FindRoot();

    public static string Folder(string name) => Path.Combine(Root, "tests", "golden", name);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GemmaVk.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests must run inside the repository");
    }
}
