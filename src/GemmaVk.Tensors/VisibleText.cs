using System;
using System.Globalization;
using System.Text;

namespace GemmaVk.Tensors;

/// <summary>Text that came from a file or a model, on its way to a screen: what would steer a terminal is shown as an escape instead.</summary>
public static class VisibleText
{
    private const int LongestSentence = 2000;
    private const int KeptEnd = 600;

    /// <summary>A sentence: control and format characters (line breaks, escape sequences, changes of direction) become \u001b and the like, and its middle goes where it is too long.</summary>
    public static string Sentence(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string shown = Escaped(text, IsUnseen);
        if (shown.Length <= LongestSentence)
        {
            return shown;
        }

        // The remedy stands at the end: it stays.
        int first = Boundary(shown, LongestSentence - KeptEnd);
        int last = Boundary(shown, shown.Length - KeptEnd);
        return string.Create(CultureInfo.InvariantCulture, $"{shown.AsSpan(0, first)} ... ({last - first:N0} characters left out) ... {shown.AsSpan(last)}");
    }

    /// <summary>A cell or a name in a line of output, whole.</summary>
    public static string Line(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Escaped(text, IsUnseen);
    }

    /// <summary>An answer, or a part of one: line breaks and tabs stay, and so does what joins letters; other control characters are shown.</summary>
    public static string Lines(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Escaped(text, rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control && rune.Value is not ('\n' or '\t'));
    }

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Escaped(string text, Func<Rune, bool> isUnseen)
    {
        StringBuilder? shown = null;
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (isUnseen(rune))
            {
                shown ??= new StringBuilder(text, 0, at, text.Length + 16);
                shown.Append(rune.Value switch
                {
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    <= char.MaxValue => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                    _ => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
                });
            }
            else
            {
                shown?.Append(rune);
            }

            // Half a pair counts as U+FFFD and is one character long, as that is.
            at += rune.Utf16SequenceLength;
        }

        return shown?.ToString() ?? text;
    }

    private static int Boundary(string text, int at) => char.IsLowSurrogate(text[at]) ? at + 1 : at;
}
