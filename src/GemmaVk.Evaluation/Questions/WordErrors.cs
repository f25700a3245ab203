using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Evaluation.Questions;

/// <summary>
/// The word error rate: substitutions, deletions and insertions that lead from what was said to what was written, over the words that were said.
/// Capitals, punctuation and blanks do not count: words are runs of letters, digits and apostrophes, in lower case.
/// </summary>
/// <param name="Errors">The fewest changes.</param>
/// <param name="Of">Words that were said.</param>
public readonly record struct WordErrors(int Errors, int Of)
{
    private const int MostWords = 50_000;

    /// <summary>Counts them.</summary>
    /// <param name="said">What was said.</param>
    /// <param name="written">What was written; more than 50,000 words of it are errors unseen.</param>
    public static WordErrors Count(string said, string written)
    {
        string[] a = Words(said), b = Words(written);
        int unseen = Math.Max(0, b.Length - MostWords);
        b = b[..(b.Length - unseen)];
        int[] before = new int[b.Length + 1], now = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            before[j] = j;
        }

        for (int i = 0; i < a.Length; i++)
        {
            now[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                now[j + 1] = Math.Min(Math.Min(before[j + 1], now[j]) + 1, before[j] + (a[i] == b[j] ? 0 : 1));
            }

            (before, now) = (now, before);
        }

        return new WordErrors(before[^1] + unseen, a.Length);
    }

    /// <summary>The words of a text.</summary>
    public static string[] Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> words = [];
        StringBuilder word = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || (rune.Value is '\'' or 0x2019 && word.Length > 0))
            {
                word.Append(rune.Value == 0x2019 ? "'" : Rune.ToLowerInvariant(rune).ToString());
                continue;
            }

            Add(words, word);
        }

        Add(words, word);
        return [.. words];
    }

    private static void Add(List<string> words, StringBuilder word)
    {
        string text = word.ToString().TrimEnd('\'');
        if (text.Length > 0)
        {
            words.Add(text);
        }

        word.Clear();
    }
}
