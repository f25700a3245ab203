using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using GemmaVk.Cli.Listings;
using GemmaVk.Transcripts;

namespace GemmaVk.Cli.Transcripts;

/// <summary>What a viewer reads at once: at most two lines of 42 characters, as broadcasters have it.</summary>
/// <param name="Start">When it appears.</param>
/// <param name="End">When it goes.</param>
/// <param name="Text">One line, or two with a line break.</param>
internal sealed record Cue(TimeSpan Start, TimeSpan End, string Text)
{
    private const int Width = 42;

    /// <summary>
    /// Cues of a part. The model gives no time per word, so a part's time is shared out by letters: right to about a second
    /// in steady speech, and exact at the part's borders.
    /// </summary>
    public static IReadOnlyList<Cue> Of(TranscriptPart part)
    {
        List<string> lines = Lines(part.Text);
        string[] texts = [.. lines.Chunk(2).Select(pair => string.Join('\n', pair))];
        long letters = Math.Max(1, texts.Sum(text => (long)text.Length));
        List<Cue> cues = [];
        long before = 0;
        foreach (string text in texts)
        {
            TimeSpan At(long count) => part.Start + ((part.End - part.Start) * ((double)count / letters));
            cues.Add(new Cue(At(before), before + text.Length == letters ? part.End : At(before + text.Length), text));
            before += text.Length;
        }

        return cues;
    }

    private static List<string> Lines(string text)
    {
        List<string> lines = [];
        StringBuilder line = new();
        foreach (string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                lines.Add(line.ToString());
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
            Break(line, lines);
        }

        if (line.Length > 0)
        {
            lines.Add(line.ToString());
        }

        return lines;
    }

    /// <summary>Scripts without spaces come as one long word: it is cut between characters as one sees them.</summary>
    private static void Break(StringBuilder line, List<string> lines)
    {
        while (line.Length > Width)
        {
            string whole = line.ToString();
            int[] starts = StringInfo.ParseCombiningCharacters(whole);
            int cut = starts.LastOrDefault(start => start <= Width);
            if (cut == 0)
            {
                return;
            }

            lines.Add(whole[..cut]);
            line.Clear().Append(whole[cut..]);
        }
    }
}
