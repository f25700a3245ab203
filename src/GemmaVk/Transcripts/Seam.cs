using System;
using System.Collections.Generic;

namespace GemmaVk.Transcripts;

/// <summary>
/// Joins the transcripts of two pieces of sound that overlap: the words of the overlap were heard twice, the outermost of
/// them perhaps only in part.
/// </summary>
internal static class Seam
{
    /// <summary>Most words that are looked for twice: an overlap is a second or two.</summary>
    public const int MostWords = 12;

    /// <summary>Where the two are to be cut.</summary>
    /// <param name="before">Transcript of the first piece.</param>
    /// <param name="after">Transcript of the second, or as much of it as has <see cref="MostWords"/> + 1 words.</param>
    /// <returns>Characters of <paramref name="before"/> to keep, and characters of <paramref name="after"/> to leave out.</returns>
    public static (int Keep, int Skip) Find(string before, string after)
    {
        List<Words.Word> left = Words.Of(before);
        List<Words.Word> right = Words.Of(after);
        for (int n = Math.Min(MostWords, Math.Min(left.Count, right.Count)); n > 0; n--)
        {
            // The whole overlap first; then without the last word of the first piece, the first of the second, or both.
            foreach ((int cut, int torn) in (ReadOnlySpan<(int, int)>)[(0, 0), (1, 0), (0, 1), (1, 1)])
            {
                if (n + cut <= left.Count && n + torn <= right.Count && Same(left, left.Count - cut - n, right, torn, n) && Believable(left, right, n, cut, torn))
                {
                    return (cut == 0 ? before.Length : left[^(cut + 1)].End, right[torn + n - 1].End);
                }
            }
        }

        return (before.Length, 0);
    }

    /// <summary>The two as one text.</summary>
    public static string Join(string before, string after)
    {
        (int keep, int skip) = Find(before, after);
        string first = before[..keep].TrimEnd();
        string second = after[skip..].TrimStart();
        return first.Length == 0 ? second : second.Length == 0 ? first : $"{first} {second}";
    }

    private static bool Same(List<Words.Word> left, int from, List<Words.Word> right, int to, int n)
    {
        for (int i = 0; i < n; i++)
        {
            if (left[from + i].Plain != right[to + i].Plain || left[from + i].Plain.Length == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A single word is an overlap only where the words left out beside it are torn ones: "bro" of "brown", "ick" of "quick".</summary>
    private static bool Believable(List<Words.Word> left, List<Words.Word> right, int n, int cut, int torn) => n > 1
        || ((cut == 0 || (right.Count > torn + n && right[torn + n].Plain.StartsWith(left[^1].Plain, StringComparison.Ordinal)))
            && (torn == 0 || (left.Count > cut + n && left[^(cut + n + 1)].Plain.EndsWith(right[0].Plain, StringComparison.Ordinal))));
}
