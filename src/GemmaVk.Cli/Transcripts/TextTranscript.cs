using System;
using System.Globalization;
using System.IO;

namespace GemmaVk.Cli.Transcripts;

/// <summary>Plain text, word by word as it is heard; a line for what was said between two pauses.</summary>
internal sealed class TextTranscript(TextWriter output, bool stamps) : TranscriptWriter
{
    private bool _open;

    public override void Line(TimeSpan start)
    {
        Finish();
        _open = true;
        if (stamps)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"[{(int)start.TotalHours:00}:{start.Minutes:00}:{start.Seconds:00}] "));
        }
    }

    // A line break of the model's would look like a pause.
    public override void Text(string text) => output.Write(text.ReplaceLineEndings(" "));

    public override void Finish()
    {
        if (_open)
        {
            output.WriteLine();
            _open = false;
        }
    }
}
