using System;
using System.Threading.Channels;
using GemmaVk.Transcripts;
using Microsoft.Extensions.AI;

namespace GemmaVk.Speech;

/// <summary>A transcript as updates: text as it is heard, then the piece it belongs to.</summary>
/// <param name="updates">Where they go.</param>
/// <param name="id">Of the response.</param>
/// <param name="model">That hears.</param>
internal sealed class SpeechUpdates(ChannelWriter<SpeechToTextResponseUpdate> updates, string id, string model) : ITranscriptSink
{
    private bool _begun;

    /// <inheritdoc/>
    public void Line(TimeSpan start)
    {
        if (_begun)
        {
            Write(SpeechToTextResponseUpdateKind.TextUpdating, start, null, new TextContent("\n"));
        }
    }

    /// <inheritdoc/>
    public void Text(string text)
    {
        _begun = true;
        Write(SpeechToTextResponseUpdateKind.TextUpdating, null, null, new TextContent(text));
    }

    /// <inheritdoc/>
    public void Part(TranscriptPart part) =>
        Write(SpeechToTextResponseUpdateKind.TextUpdated, part.Start, part.End, GemmaSpeechToTextClient.Segment(new AIContent(), part));

    /// <summary>Something of another kind.</summary>
    public void Write(SpeechToTextResponseUpdateKind kind, TimeSpan? start, TimeSpan? end, params AIContent[] contents) => updates.TryWrite(
        new SpeechToTextResponseUpdate(contents) { Kind = kind, StartTime = start, EndTime = end, ResponseId = id, ModelId = model });
}
