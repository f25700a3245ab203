using System;
using System.Globalization;
using System.Linq;

namespace GemmaVk.Text;

/// <summary>A mistake in a tokenizer file or in a conversation: the message says what was expected, what came and what to do.</summary>
public sealed class TextException : Exception
{
    /// <summary>Makes the exception from one clear sentence.</summary>
    public TextException(string message)
        : base(Visible(message))
    {
    }

    /// <summary>Makes the exception from one clear sentence and what caused it.</summary>
    public TextException(string message, Exception inner)
        : base(Visible(message), inner)
    {
    }

    // Names and strings of files stand in it: what would steer a terminal is shown as an escape, and a long middle is left out.
    private static string Visible(string message)
    {
        const int Longest = 2000;
        const int KeptEnd = 600;
        string whole = message.Length <= Longest ? message : $"{message[..(Longest - KeptEnd)]} ... ({message.Length - Longest} characters left out) ... {message[^KeptEnd..]}";
        return string.Concat(whole.EnumerateRunes().Select(rune => System.Text.Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}")
            : rune.ToString()));
    }
}
