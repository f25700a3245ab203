using System;
using System.Collections.Generic;

namespace GemmaVk.Documents.Answers;

/// <summary>Cuts an answer into sentences, as it comes. A line break ends one; so do . ! ? before white space that no small letter follows, unless they end a short form or a single letter.</summary>
public static class Sentences
{
    private static readonly HashSet<string> Shorts = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "pp", "e.g", "i.e", "cf", "vs", "no", "fig", "figs", "dr", "mr", "mrs", "ms", "st", "prof", "approx", "ca", "vol", "sec", "ch", "z.b", "bzw", "nr", "abb", "art",
    };

    /// <summary>Where the sentence that begins at a place ends: behind its last mark; -1 where that is not known before more text comes.</summary>
    /// <param name="text">What there is of the answer.</param>
    /// <param name="from">Where the sentence begins.</param>
    /// <param name="whole">Whether nothing more will come.</param>
    public static int End(string text, int from, bool whole)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (int i = from; i < text.Length; i++)
        {
            char letter = text[i];
            if (letter == '\n' && text.AsSpan(from, i - from).Trim().Length > 0)
            {
                return i;
            }

            if (letter is '。' or '！' or '？')
            {
                return i + 1;
            }

            if (letter is not ('.' or '!' or '?'))
            {
                continue;
            }

            int end = i + 1;
            while (end < text.Length && text[end] is '.' or '!' or '?' or '"' or '\'' or ')' or '»' or '”' or '’')
            {
                end++;
            }

            int next = end;
            while (next < text.Length && text[next] is ' ' or '\t')
            {
                next++;
            }

            if (next == text.Length && !whole)
            {
                return -1;
            }

            if (next == text.Length || text[next] == '\n' || (next > end && !char.IsLower(text[next]) && !(letter == '.' && IsShort(text, from, i))))
            {
                return end;
            }

            i = end - 1;
        }

        return whole && text.AsSpan(from).Trim().Length > 0 ? text.Length : -1;
    }

    /// <summary>All sentences of a whole text, as places in it.</summary>
    public static IReadOnlyList<(int Start, int End)> Of(string text)
    {
        List<(int, int)> sentences = [];
        for (int from = 0; from < text.Length;)
        {
            while (from < text.Length && char.IsWhiteSpace(text[from]))
            {
                from++;
            }

            int end = End(text, from, whole: true);
            if (end < 0)
            {
                break;
            }

            sentences.Add((from, end));
            from = end;
        }

        return sentences;
    }

    private static bool IsShort(string text, int from, int dot)
    {
        int start = dot;
        while (start > from && !char.IsWhiteSpace(text[start - 1]) && text[start - 1] is not ('(' or '['))
        {
            start--;
        }

        string word = text[start..dot];
        return Shorts.Contains(word) || (word.Length == 1 && char.IsLetter(word[0]));
    }
}
