using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Help;

/// <summary>What a name that does not exist may have been meant to be.</summary>
internal static class Names
{
    private const int Most = 3;

    /// <summary>Half a sentence with the nearest of some names, or where none is near with the first of them.</summary>
    public static string Nearest(string typed, IEnumerable<string> names)
    {
        string[] all = [.. names];
        string[] near =
        [
            .. all.Select(name => (Name: name, Mistakes: Spelling.Mistakes(typed, name)))
                .Where(each => each.Mistakes <= Math.Max(2, typed.Length / 3) || each.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .OrderBy(each => each.Mistakes)
                .Select(each => each.Name)
                .Take(Most),
        ];
        return near.Length > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"there is {string.Join(", ", all)}";
    }
}
