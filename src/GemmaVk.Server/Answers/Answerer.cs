using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using GemmaVk.Server.Http;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Server.Answers;

/// <summary>Has the model answer a request, and gives what happens as it happens. A caller that goes away ends the work within one step.</summary>
internal sealed class Answerer : IDisposable
{
    private readonly ServedModel _model;
    private readonly Asked _asked;
    private readonly CancellationTokenSource _cancel;
    private readonly Admission.Place _place;
    private readonly TimeSpan _longest;

    /// <summary>Takes a place in the queue.</summary>
    /// <param name="model">What answers.</param>
    /// <param name="asked">What is asked.</param>
    /// <param name="options">Limits.</param>
    /// <param name="state">Says when the server ends.</param>
    /// <param name="gone">Cancelled when the caller goes.</param>
    /// <exception cref="ApiException">The queue is full, or the prompt is longer than the context.</exception>
    public Answerer(ServedModel model, Asked asked, ServerOptions options, ServerState state, CancellationToken gone)
    {
        (_model, _asked, _longest) = (model, asked, options.LongestAnswer);
        int context = model.Answers.Context;
        if (asked.Rows.Length >= context)
        {
            throw new ApiException(
                400, $"The prompt has {asked.Rows.Length} tokens, but the context holds {context}, answer included; shorten it, or start the server with a larger --context.", "messages", "context_length_exceeded");
        }

        _place = model.Queue.Enter(asked.Choices);
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(gone, state.End);
    }

    /// <summary>Answers that waited when this came.</summary>
    public int Ahead => _place.Ahead;

    /// <summary>What happens, until every answer has ended.</summary>
    /// <exception cref="TimeoutException">It took longer than answers may.</exception>
    public async IAsyncEnumerable<AnswerEvent> Events([EnumeratorCancellation] CancellationToken cancel = default)
    {
        Channel<AnswerEvent> events = Channel.CreateUnbounded<AnswerEvent>(new UnboundedChannelOptions { SingleReader = true });
        Task all = All(events.Writer);
        try
        {
            await foreach (AnswerEvent each in events.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
            {
                yield return each;
            }

            await all.ConfigureAwait(false);
        }
        finally
        {
            // Sessions must be at rest before the place in the queue is given away.
            await _cancel.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _place.Dispose();
        _cancel.Dispose();
    }

    private async Task All(ChannelWriter<AnswerEvent> events)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, _asked.Choices).Select(choice => One(choice, events))).ConfigureAwait(false);
            events.Complete();
        }
        catch (Exception error)
        {
            _model.Figures.AddFailure();
            events.Complete(error);
        }
    }

    private async Task One(int choice, ChannelWriter<AnswerEvent> events)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan first = default;
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(_cancel.Token);
        long? began = null;
        List<AnswerToken> tokens = [];
        TokenReader reader = new(_model.Engine.Tokenizer, _asked.InThought);
        AskOptions options = TokenJoin.Listen(_asked, choice, (id, drafted, logprob, top) =>
        {
            first = first == default ? Stopwatch.GetElapsedTime(start) : first;
            tokens.Add(reader.Take(id, drafted, logprob, top));
            // The timer below wants a thread of the pool, which a crowded machine may give late.
            if (began is { } turn && Stopwatch.GetElapsedTime(turn) > _longest)
            {
                late.Cancel();
            }
        });
        void Give(ResponseDelta delta)
        {
            first = first == default ? Stopwatch.GetElapsedTime(start) : first;
            AnswerToken[] made = [.. tokens];
            tokens.Clear();
            if (made.Length > 0 || delta.Content.Length > 0 || delta.Thinking.Length > 0 || delta.Call is not null || delta.Unread is not null || (delta.Part is not null && _asked.CallPieces))
            {
                events.TryWrite(new AnswerEvent(choice, delta, made));
            }
        }

        void Begin()
        {
            began = Stopwatch.GetTimestamp();
            late.CancelAfter(_longest);
        }

        (Answer answer, int reused) = await _place.Run(
            () => _model.Answers.AnswerAsync(_asked.Rows, _asked.InThought, options, Give, _asked.Salt, Begin, late.Token), _cancel.Token).ConfigureAwait(false);
        _model.Figures.Add(answer, reused, first, Stopwatch.GetElapsedTime(start));
        _cancel.Token.ThrowIfCancellationRequested();
        if (late.IsCancellationRequested)
        {
            throw new TimeoutException();
        }

        events.TryWrite(new AnswerEvent(choice, new ResponseDelta("", "", null), [.. tokens], answer, reused));
    }
}
