using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.House.Tests;

/// <summary>How long a hand-written file may be.</summary>
internal static class FileSizes
{
    /// <summary>Where a C# file begins to be long.</summary>
    public const int LongCSharp = 300;

    private const int MostCSharp = 600;
    private const int MostShader = 250;

    /// <summary>The bound of a file, or none.</summary>
    public static int? Bound(string path) =>
        path.EndsWith(".cs", StringComparison.Ordinal) ? MostCSharp
        : path.EndsWith(".comp", StringComparison.Ordinal) || path.EndsWith(".glsl", StringComparison.Ordinal) ? MostShader
        : null;

    /// <summary>Files beyond their bound without a reason, and reasons that no file needs.</summary>
    public static IEnumerable<string> Findings(IReadOnlyDictionary<string, int> lines, IReadOnlyDictionary<string, string> exceptions)
    {
        foreach ((string path, int count) in lines.Where(file => file.Value > Bound(file.Key) && !exceptions.ContainsKey(file.Key)))
        {
            yield return $"{path} has {count} lines; the most is {Bound(path)}. Split it by what it is about.";
        }

        foreach (string path in exceptions.Keys.Where(path => !lines.TryGetValue(path, out int count) || count <= Bound(path)))
        {
            yield return $"{path} is listed as an exception and needs none.";
        }
    }
}
