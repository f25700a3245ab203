using System;
using System.IO;

namespace GemmaVk.Tests;

/// <summary>Where the repository's files are.</summary>
internal static class Repository
{
    /// <summary>The folder with GemmaVk.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>The checkpoint that comes with the program.</summary>
    public static string Pebble => Path.Combine(Root, "weights", "pebble");

    /// <summary>A file or folder of tests/golden.</summary>
    public static string Golden(params string[] parts) => Path.Combine([Root, "tests", "golden", .. parts]);

    /// <summary>A picture, sound or clip that the small model was not trained on.</summary>
    public static string Example(string name) => Path.Combine(Root, "weights", "examples", name);

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GemmaVk.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }
}
