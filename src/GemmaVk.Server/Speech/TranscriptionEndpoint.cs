using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using GemmaVk.Media;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Transcripts;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Speech;

/// <summary>POST /v1/audio/transcriptions and /v1/audio/translations: a sound of any length, cut at its pauses, heard piece by piece.</summary>
internal sealed class TranscriptionEndpoint(AnswerSender sender, ServerState state)
{
    /// <summary>Answers.</summary>
    public async Task Handle(HttpContext context, bool translates)
    {
        ServedModel model = sender.Model;
        if (model.Engine.Model.Config.AudioConfig is null)
        {
            throw new ApiException(400, $"The model \"{model.Name}\" takes no sound; ask another server.", "model", "no_audio");
        }

        SpeechRequest request = await SpeechRequest.Read(context, model, translates).ConfigureAwait(false);
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, state.End);
        // A place in the queue for the whole sound: its pieces do not wait behind one another's askers for ever.
        using Admission.Place place = model.Queue.Enter();
        if (request.Streams)
        {
            await sender.SendEvents(context, send => Stream(model, request, place, send, cancel.Token), error => new StreamEvent(ErrorBody.Of(error)), endsWithMark: false).ConfigureAwait(false);
            return;
        }

        Collected heard = new();
        TranscriptionStats stats = await Hear(model, request, place, heard, cancel.Token).ConfigureAwait(false);
        await TranscriptBody.Send(context, request, heard.Parts, stats, model.Engine.Tokenizer).ConfigureAwait(false);
    }

    private static async Task Stream(ServedModel model, SpeechRequest request, Admission.Place place, Func<StreamEvent, Task> send, CancellationToken cancel)
    {
        Channel<string> words = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
        Collected heard = new() { OnText = text => words.Writer.TryWrite(text) };
        Task<TranscriptionStats> hearing = Finish();
        System.Text.StringBuilder all = new();
        await foreach (string text in words.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            all.Append(text);
            await send(TranscriptBody.Delta(text)).ConfigureAwait(false);
        }

        await send(TranscriptBody.Done(all.ToString(), await hearing.ConfigureAwait(false))).ConfigureAwait(false);

        async Task<TranscriptionStats> Finish()
        {
            try
            {
                return await Hear(model, request, place, heard, cancel).ConfigureAwait(false);
            }
            finally
            {
                words.Writer.Complete();
            }
        }
    }

    private static async Task<TranscriptionStats> Hear(ServedModel model, SpeechRequest request, Admission.Place place, Collected heard, CancellationToken cancel)
    {
        AskOptions options = new() { Draw = new DrawOptions(Temperature: request.Temperature is 0 or >= 1e-20f ? request.Temperature : 0) };
        Transcriber transcriber = new(model.Engine, Transcriber.Instruction(model.Engine.Model.Config, request.Target), options, model.Answers);
        TimeSpan longest = model.Loader.LongestSound;
        TranscriptionStats stats = await place.Run(
            () => Task.Factory.StartNew(
                () => transcriber.Run(SpeechPieces.Cut(request.Samples, longest, SpeechPieces.OverlapDefault), heard, cancel),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default),
            cancel).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return stats;
    }

    /// <summary>What was heard.</summary>
    private sealed class Collected : ITranscriptSink
    {
        private bool _begun;

        public List<TranscriptPart> Parts { get; } = [];

        public Action<string>? OnText { get; init; }

        public void Line(TimeSpan start)
        {
            if (_begun)
            {
                OnText?.Invoke("\n");
            }

            _begun = true;
        }

        public void Text(string text) => OnText?.Invoke(text);

        public void Part(TranscriptPart part) => Parts.Add(part);
    }
}
