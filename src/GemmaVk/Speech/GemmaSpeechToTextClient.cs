using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using GemmaVk.Media;
using GemmaVk.Tensors;
using GemmaVk.Transcripts;
using Microsoft.Extensions.AI;

namespace GemmaVk.Speech;

/// <summary>
/// The engine as an <see cref="ISpeechToTextClient"/>: a recording of any length, or a stream that goes on for ever, becomes text word by word.
/// <see cref="SpeechToTextOptions.SpeechLanguage"/> says what is spoken; a <see cref="SpeechToTextOptions.TextLanguage"/> other than that asks for a translation.
/// A stream's updates are, in order: session open; text updating, whose texts together are the transcript; text updated for each piece that is final, with its times
/// and its text in the properties of its content; error for what is not to be passed over; session close, with the usage.
/// May be called from several threads.
/// </summary>
public sealed class GemmaSpeechToTextClient : ISpeechToTextClient
{
    /// <summary>Property of a content: where in the sound it begins, a <see cref="TimeSpan"/>.</summary>
    public const string Start = "start_time";

    /// <summary>Property of a content: where in the sound it ends, a <see cref="TimeSpan"/>.</summary>
    public const string End = "end_time";

    /// <summary>Property of a content without a text of its own: the words of the piece, a string.</summary>
    public const string Words = "text";

    /// <summary>Code of an error: a piece of sound was cut off, because the model went on for longer than anybody speaks.</summary>
    public const string CutOff = "cut_off";

    /// <summary>Code of an error: the sound is damaged or ends early.</summary>
    public const string Damaged = "damaged";

    private const int MostWaiting = 4;

    private readonly GemmaEngine _engine;
    private readonly TimeSpan _longest;
    private readonly SpeechToTextClientMetadata _metadata;

    /// <summary>Makes a client.</summary>
    /// <param name="engine">The model; stays the caller's to dispose, after the client.</param>
    /// <exception cref="GemmaVkException">The model takes no sound.</exception>
    public GemmaSpeechToTextClient(GemmaEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        if (engine.Model.Config.AudioConfig is null)
        {
            throw new GemmaVkException($"expected a model that takes sound, but {engine.Model.Config.File} has no audio_config; use another checkpoint.");
        }

        _engine = engine;
        _longest = new MediaLoader(engine.Model.Config, new MediaSettings()).LongestSound;
        _metadata = new SpeechToTextClientMetadata("gemmavk", defaultModelId: engine.Model.Config.ModelType);
    }

    /// <inheritdoc/>
    /// <returns>One text per piece of the sound, with its times among its properties.</returns>
    /// <exception cref="GemmaVkException">The stream carries no sound, or an option was given that cannot be honoured.</exception>
    public async Task<SpeechToTextResponse> GetTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<AIContent> contents = [];
        SpeechToTextResponse response = new(contents);
        await foreach (SpeechToTextResponseUpdate update in GetStreamingTextAsync(audioSpeechStream, options, cancellationToken).ConfigureAwait(false))
        {
            (response.ResponseId, response.ModelId) = (update.ResponseId, update.ModelId);
            if (update.Kind == SpeechToTextResponseUpdateKind.TextUpdated && update.Contents is [{ AdditionalProperties: { } said }])
            {
                string between = contents.Count == 0 ? "" : said.TryGetValue("new_line", out object? line) && line is true ? "\n" : " ";
                contents.Add(new TextContent(between + said[Words]) { AdditionalProperties = new() { [Start] = update.StartTime, [End] = update.EndTime } });
                (response.StartTime, response.EndTime) = (response.StartTime ?? update.StartTime, update.EndTime);
            }
            else if (update.Kind == SpeechToTextResponseUpdateKind.Error)
            {
                contents.AddRange(update.Contents);
            }

            response.Usage = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details ?? response.Usage;
        }

        return response;
    }

    /// <inheritdoc/>
    /// <exception cref="GemmaVkException">As for <see cref="GetTextAsync"/>.</exception>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SpeechRequest request = SpeechRequest.From(_engine.Model.Config, audioSpeechStream, options);
        using CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<SpeechToTextResponseUpdate> updates = Channel.CreateUnbounded<SpeechToTextResponseUpdate>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        SpeechUpdates sink = new(updates.Writer, Guid.NewGuid().ToString("N"), _metadata.DefaultModelId!);

        // It waits for sound and for the device: a thread of its own, none of the pool's.
        Task hearing = Task.Factory.StartNew(() => Hear(request, sink, updates.Writer, abandoned.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (SpeechToTextResponseUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return update;
            }

            await hearing.ConfigureAwait(false);
        }
        finally
        {
            await abandoned.CancelAsync().ConfigureAwait(false);
            await hearing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(SpeechToTextClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(_engine) ? _engine
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Nothing: sessions live as long as a call, and the engine stays.</summary>
    public void Dispose()
    {
    }

    /// <summary>A content with a piece among its properties.</summary>
    internal static AIContent Segment(AIContent content, TranscriptPart part)
    {
        content.AdditionalProperties = new() { [Start] = part.Start, [End] = part.End, [Words] = part.Text, ["new_line"] = part.NewLine };
        return content;
    }

    private void Hear(SpeechRequest request, SpeechUpdates sink, ChannelWriter<SpeechToTextResponseUpdate> updates, CancellationToken cancel)
    {
        FileStream? copy = null;
        try
        {
            sink.Write(SpeechToTextResponseUpdateKind.SessionOpen, null, null);
            using SampleStream sound = request.Open(out copy, cancel);
            TimeSpan overlap = _longest / 4 < SpeechPieces.OverlapDefault ? _longest / 4 : SpeechPieces.OverlapDefault;
            TranscriptionStats stats = new Transcriber(_engine, request.Instruction, new AskOptions { Draw = new DrawOptions(Temperature: 0) })
                .Run(PiecesAhead.Of(LivePieces.Cut(sound, _longest, overlap), MostWaiting), sink, cancel);
            cancel.ThrowIfCancellationRequested();
            if (sound.Came == TimeSpan.Zero)
            {
                throw new GemmaVkException($"{SpeechRequest.Name}: expected a sound, but it has no samples; check what was written to it, and from where it is read.");
            }

            if (stats.CutOff > 0)
            {
                sink.Write(SpeechToTextResponseUpdateKind.Error, null, null, new ErrorContent($"{stats.CutOff} of {stats.Pieces} pieces were cut off, because the model did not come to an end.") { ErrorCode = CutOff });
            }

            if (sound.Note is { } note)
            {
                sink.Write(SpeechToTextResponseUpdateKind.Error, null, null, new ErrorContent($"{SpeechRequest.Name}: {note}") { ErrorCode = Damaged });
            }

            sink.Write(SpeechToTextResponseUpdateKind.SessionClose, null, stats.Sound, new UsageContent(new UsageDetails
            {
                InputTokenCount = stats.PromptTokens,
                OutputTokenCount = stats.AnswerTokens,
                TotalTokenCount = stats.PromptTokens + stats.AnswerTokens,
            }));
        }
        finally
        {
            copy?.Dispose();
            updates.Complete();
        }
    }
}
