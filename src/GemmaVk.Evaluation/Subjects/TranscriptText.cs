using System;
using System.Text;
using GemmaVk.Transcripts;

namespace GemmaVk.Evaluation.Subjects;

/// <summary>A transcript as one text.</summary>
internal sealed class TranscriptText : ITranscriptSink
{
    private readonly StringBuilder _text = new();

    /// <summary>All of it.</summary>
    public string Whole => _text.ToString();

    /// <inheritdoc/>
    public void Line(TimeSpan start) => _text.Append(_text.Length > 0 ? "\n" : "");

    /// <inheritdoc/>
    public void Text(string text) => _text.Append(text);

    /// <inheritdoc/>
    public void Part(TranscriptPart part)
    {
        // Its words came one by one.
    }
}
