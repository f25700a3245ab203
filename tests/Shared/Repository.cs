using System;
using System.IO;

namespace GemmaVk.Shared;

/// <summary>Where the repository's files are.</summary>
internal static class Repository
{
    /// <summary>The folder with GemmaVk.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder beside the repository with data too large for it, or null.</summary>
    public static string? Shared { get; } = Directory.Exists(Path("..", "shared")) ? System.IO.Path.GetFullPath(Path("..", "shared")) : null;

    /// <summary>The checkpoint that comes with the program.</summary>
    public static string Pebble => Path("weights", "pebble");

    /// <summary>A file or folder by its path from the root.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>A file or folder of tests/golden.</summary>
    public static string Golden(params string[] parts) => System.IO.Path.Combine([Root, "tests", "golden", .. parts]);

    /// <summary>A picture, sound or clip that the small model was not trained on.</summary>
    public static string Example(string name) => Path("weights", "examples", name);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "GemmaVk.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} holds GemmaVk.sln.");
    }
}
