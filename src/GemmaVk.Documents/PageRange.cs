using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Documents;

/// <summary>Pages that were asked for: "3-7", "12", "1,4,9-", in the order of the document.</summary>
public sealed class PageRange
{
    private readonly (int First, int Last)[] _ranges;

    private PageRange((int First, int Last)[] ranges, string text) => (_ranges, Text) = (ranges, text);

    /// <summary>Every page.</summary>
    public static PageRange All { get; } = new([(1, int.MaxValue)], "");

    /// <summary>As it was written; empty for all.</summary>
    public string Text { get; }

    /// <summary>Reads what a person wrote.</summary>
    /// <exception cref="GemmaVkException">It is no list of pages.</exception>
    public static PageRange Parse(string text, string flag = "--pages")
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(int, int)> ranges = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-', StringSplitOptions.TrimEntries);
            int last = 0;
            if (ends.Length > 2 || !Number(ends[0], out int first) || (ends.Length == 2 && ends[1].Length > 0 && !Number(ends[1], out last)))
            {
                throw Wrong(flag, text);
            }

            last = ends.Length == 1 ? first : ends[1].Length == 0 ? int.MaxValue : last;
            ranges.Add(last >= first ? (first, last) : throw Wrong(flag, text));
        }

        return new PageRange([.. ranges], text);
    }

    /// <summary>Whether a page is among them.</summary>
    public bool Has(int page) => _ranges.Any(range => page >= range.First && page <= range.Last);

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;

    private static GemmaVkException Wrong(string flag, string text) => new($"{flag} {text}: expected pages such as 3-7, 12 or 1,4,9-, counted from 1; write them so, or leave them out for all.");
}
