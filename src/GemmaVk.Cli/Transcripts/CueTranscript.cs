using System;
using System.Globalization;
using System.IO;
using GemmaVk.Transcripts;

namespace GemmaVk.Cli.Transcripts;

/// <summary>Subtitles: SubRip (srt) or WebVTT (vtt), written cue by cue.</summary>
internal sealed class CueTranscript(TextWriter output, bool web) : TranscriptWriter
{
    private int _cues;
    private bool _begun;

    public override void Part(TranscriptPart part)
    {
        foreach (Cue cue in Cue.Of(part))
        {
            Header();
            // Three characters mean something in WebVTT; in SubRip players show what stands there.
            string text = web ? Escaped(cue.Text) : cue.Text;
            char point = web ? '.' : ',';
            _cues++;
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{_cues}\n{Stamp(cue.Start, point)} --> {Stamp(cue.End, point)}\n{text}\n\n"));
            output.Flush();
        }
    }

    public override void Finish()
    {
        Header();
        output.Flush();
    }

    private static string Escaped(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    private void Header()
    {
        if (web && !_begun)
        {
            output.Write("WEBVTT\n\n");
        }

        _begun = true;
    }
}
