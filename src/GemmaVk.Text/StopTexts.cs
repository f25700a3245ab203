using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Text;

/// <summary>
/// Ends a stream of text at the first of some texts that is complete, and gives nothing of it. What may still become one is held back, so
/// the same text comes out however it is cut into pieces. Not for several threads.
/// </summary>
public sealed class StopTexts
{
    private readonly string[] _stops;
    private string _held = "";

    /// <summary>Waits for any of some texts.</summary>
    /// <param name="stops">At least one, none empty.</param>
    public StopTexts(IEnumerable<string> stops)
    {
        ArgumentNullException.ThrowIfNull(stops);
        _stops = [.. stops];
        ArgumentOutOfRangeException.ThrowIfZero(_stops.Length);
        ArgumentOutOfRangeException.ThrowIfZero(_stops.Min(stop => stop.Length));
    }

    /// <summary>Whether one has come: everything after it is ignored.</summary>
    public bool Found { get; private set; }

    /// <summary>Takes a piece of text.</summary>
    /// <returns>What is certain to stand before any of the texts.</returns>
    public string Append(string piece)
    {
        if (Found || piece.Length == 0)
        {
            return "";
        }

        string text = _held + piece;
        // The one that is complete first wins; of those that end together the longest, so that nothing of it is given.
        (int start, int end) = (0, int.MaxValue);
        foreach (string stop in _stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < end || (at + stop.Length == end && at < start)))
            {
                (start, end) = (at, at + stop.Length);
            }
        }

        if (end < int.MaxValue)
        {
            Found = true;
            _held = "";
            return text[..start];
        }

        int held = _stops.Max(stop => Beginning(text, stop));
        _held = text[^held..];
        return text[..^held];
    }

    /// <summary>Ends the text: what was held back became no stop.</summary>
    public string Finish()
    {
        string rest = _held;
        _held = "";
        return rest;
    }

    /// <summary>How many characters at the end of a text are the beginning of a stop.</summary>
    private static int Beginning(string text, string stop)
    {
        int length = Math.Min(text.Length, stop.Length - 1);
        while (!text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
        {
            length--;
        }

        return length;
    }
}
