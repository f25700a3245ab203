using System;

namespace GemmaVk.Transcripts;

/// <summary>Where a transcript goes while it is made.</summary>
public interface ITranscriptSink
{
    /// <summary>After a pause something is said; its text follows.</summary>
    /// <param name="start">When.</param>
    void Line(TimeSpan start);

    /// <summary>More text of the line: final, in the order it was said.</summary>
    void Text(string text);

    /// <summary>A piece whose whole text is final.</summary>
    void Part(TranscriptPart part);
}
