using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>Files of a shader that include each other round and round, with no condition that would end it: glslc follows them for ever.</summary>
internal static partial class IncludeCircle
{
    private const long MaxBytes = 4 << 20;

    /// <summary>The files of a circle, the first again at the end; null where there is none. Files with conditions are the compiler's to judge.</summary>
    /// <param name="source">Path of the shader.</param>
    /// <param name="folders">Where includes are looked for, after the folder of the file that includes.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<string>? Of(string source, IReadOnlyList<string> folders) => Below(source, folders, [], []);

    private static List<string>? Below(string path, IReadOnlyList<string> folders, List<string> above, HashSet<string> seen)
    {
        if (above.IndexOf(path) is >= 0 and var at)
            return [.. above[at..], path];
        if (!seen.Add(path) || new FileInfo(path).Length is 0 or > MaxBytes)
            return null;
        string text = File.ReadAllText(path);
        if (Conditions().IsMatch(text))
            return null;
        above.Add(path);
        foreach (Match include in Includes().Matches(text))
        {
            string? next = folders.Prepend(Path.GetDirectoryName(path)!).Select(folder => Path.GetFullPath(Path.Combine(folder, include.Groups[1].Value))).FirstOrDefault(File.Exists);
            if (next is not null && Below(next, folders, above, seen) is { } circle)
                return circle;
        }

        above.RemoveAt(above.Count - 1);
        return null;
    }

    [GeneratedRegex("""^[ \t]*#[ \t]*include[ \t]+["<]([^">\r\n]+)[">]""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Includes();

    // A comment of several lines may hide an include.
    [GeneratedRegex(@"^[ \t]*#[ \t]*(if|pragma[ \t]+once)|/\*", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Conditions();
}
