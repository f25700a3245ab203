using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace GemmaVk.Fuzz;

/// <summary>Where inputs begin: files of the repository, and findings that were kept.</summary>
internal static class Seeds
{
    /// <summary>The folder with GemmaVk.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>Inputs that once were findings, by parser.</summary>
    public static string KeptFindings => Path.Combine(Root, "tests", "fuzz");

    /// <summary>The file of a path in the repository.</summary>
    public static string Named(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Files of a folder that are not too long to be varied quickly.</summary>
    public static IEnumerable<byte[]> Files(string[] folder, string pattern, long longest) =>
        from path in Directory.GetFiles(Named(folder), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        where new FileInfo(path).Length <= longest
        select File.ReadAllBytes(path);

    /// <summary>Text as bytes.</summary>
    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Findings of a parser.</summary>
    public static IEnumerable<string> Kept(string target)
    {
        string folder = Path.Combine(KeptFindings, target);
        return Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal) : [];
    }

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GemmaVk.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the program runs outside the repository");
    }
}
