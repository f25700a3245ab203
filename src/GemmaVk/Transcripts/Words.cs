using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace GemmaVk.Transcripts;

/// <summary>The words of a text, with their places in it. Scripts that put no spaces between words count by letters.</summary>
internal static class Words
{
    /// <summary>A word: characters <paramref name="Start"/> to <paramref name="End"/> of the text, and what is compared of it.</summary>
    /// <param name="Start">First character.</param>
    /// <param name="End">The character after the last.</param>
    /// <param name="Plain">Letters and digits alone, small; empty for a lone dash.</param>
    public readonly record struct Word(int Start, int End, string Plain);

    /// <summary>Cuts a text into words.</summary>
    public static List<Word> Of(string text)
    {
        List<Word> words = [];
        int start = -1;
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            bool alone = StandsAlone(rune.Value);
            if (start >= 0 && (alone || Rune.IsWhiteSpace(rune)))
            {
                words.Add(Make(text, start, i));
                start = -1;
            }

            if (alone)
            {
                words.Add(Make(text, i, i + length));
            }
            else if (start < 0 && !Rune.IsWhiteSpace(rune))
            {
                start = i;
            }

            i += length;
        }

        if (start >= 0)
        {
            words.Add(Make(text, start, text.Length));
        }

        return words;
    }

    private static Word Make(string text, int start, int end)
    {
        StringBuilder plain = new();
        foreach (Rune rune in text[start..end].EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
            {
                plain.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        return new Word(start, end, plain.ToString());
    }

    // Thai to Myanmar and Khmer, kana, Chinese characters.
    private static bool StandsAlone(int rune) =>
        rune is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
            or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
