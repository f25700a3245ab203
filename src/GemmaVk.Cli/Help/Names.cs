using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Help;

/// <summary>What a name that does not exist may have been meant to be.</summary>
internal static class Names
{
    private const int Most = 3;
    private const int Few = 6;

    /// <summary>Half a sentence with the nearest of some names; where none is near with all of a few, or with some and where all are listed.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="names">What there is.</param>
    /// <param name="list">What shows all of them, such as a command in quotes.</param>
    public static string Nearest(string typed, IEnumerable<string> names, string list)
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
        return near.Length > 0 ? $"did you mean {string.Join(" or ", near)}? {list} shows all {all.Length}"
            : all.Length <= Few ? $"there is {string.Join(", ", all)}"
            : $"the nearest are {string.Join(", ", all.OrderBy(name => Spelling.Mistakes(typed, name)).Take(Most))}, and {list} shows all {all.Length}";
    }
}
