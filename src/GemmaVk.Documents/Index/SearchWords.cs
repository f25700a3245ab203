using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace GemmaVk.Documents.Index;

/// <summary>Words of a text as the index sees them: runs of letters and digits; Han, Hiragana and Katakana, which are written without spaces, letter by letter.</summary>
internal static class SearchWords
{
    private const int MostOfQuestion = 64;

    /// <summary>The words in lower case.</summary>
    public static IEnumerable<string> Of(string text)
    {
        StringBuilder word = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool single = IsWrittenWithoutSpaces(rune.Value);
            if (word.Length > 0 && (single || !IsOfWord(rune)))
            {
                yield return word.ToString();
                word.Clear();
            }

            if (single)
            {
                yield return rune.ToString();
            }
            else if (IsOfWord(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    /// <summary>A text with spaces between letters that are written without.</summary>
    public static string Spaced(string text)
    {
        StringBuilder? spaced = null;
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsWrittenWithoutSpaces(rune.Value))
            {
                spaced ??= new StringBuilder(text, 0, at, text.Length * 2);
                spaced.Append(' ').Append(rune).Append(' ');
            }
            else
            {
                spaced?.Append(rune);
            }

            at += rune.Utf16SequenceLength;
        }

        return spaced?.ToString() ?? text;
    }

    /// <summary>A question as an expression of FTS5: any of its words, each in quotes, so that none is an operator; null without any.</summary>
    public static string? Expression(string question)
    {
        List<string> words = [];
        HashSet<string> seen = [];
        foreach (string word in Of(question))
        {
            if (words.Count < MostOfQuestion && word.Length <= 200 && seen.Add(word))
            {
                words.Add($"\"{word}\"");
            }
        }

        return words.Count > 0 ? string.Join(" OR ", words) : null;
    }

    private static bool IsOfWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsWrittenWithoutSpaces(int code) => code is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x323AF);
}
