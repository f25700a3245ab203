using System;
using System.Collections.Generic;

namespace GemmaVk.Meetings;

/// <summary>A text cut at the ends of sentences: what one person says goes on to such an end.</summary>
internal static class Lines
{
    /// <summary>Most lines of a piece; the last takes what is left.</summary>
    public const int Most = 40;

    /// <summary>Begin and end of each line, without the spaces between.</summary>
    public static IReadOnlyList<Range> Of(string text)
    {
        List<Range> lines = [];
        int start = Skip(text, 0);
        for (int i = start; i < text.Length; i++)
        {
            bool ends = text[i] is '\n' or '。' or '！' or '？' || (text[i] is '.' or '!' or '?' or '…' && i + 1 < text.Length && char.IsWhiteSpace(text[i + 1]));
            if (ends && i + 1 > start && lines.Count < Most - 1)
            {
                lines.Add(new Range(start, text[i] == '\n' ? i : i + 1));
                start = Skip(text, i + 1);
                i = start - 1;
            }
        }

        int end = text.AsSpan().TrimEnd().Length;
        if (end > start)
        {
            lines.Add(new Range(start, end));
        }

        return lines;
    }

    private static int Skip(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }
}
