using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Server.Calling;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Answers;

/// <summary>Has a request answered and sends what comes, in the form of its API.</summary>
internal sealed class AnswerSender(ServerOptions options, ServerState state, Gate gate)
{
    /// <summary>Limits and names.</summary>
    public ServerOptions Options => options;

    /// <summary>The model.</summary>
    /// <exception cref="ApiException">It is not there.</exception>
    public ServedModel Model => state.Model;

    /// <summary>Answers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="model">What answers.</param>
    /// <param name="asked">What is asked.</param>
    /// <param name="streams">Whether it comes as it is written.</param>
    /// <param name="form">How it is written.</param>
    /// <param name="turns">Rounds in which the server runs calls, or null.</param>
    public async Task Send(HttpContext context, ServedModel model, Asked asked, bool streams, AnswerForm form, ToolTurns? turns = null)
    {
        using Answerer answerer = Enter(context, model, asked, context.RequestAborted);
        await Send(context, asked, streams, form, Events(answerer, model, turns, context.RequestAborted)).ConfigureAwait(false);
    }

    /// <summary>Takes a place in the queue, which is the caller's to give up.</summary>
    /// <exception cref="ApiException">There is none, or the prompt is longer than the context.</exception>
    public Answerer Enter(HttpContext context, ServedModel model, Asked asked, CancellationToken gone)
    {
        Answerer answerer = new(model, asked, options, state, gone);
        context.Response.Headers["x-gemmavk-queue-position"] = answerer.Ahead.ToString(CultureInfo.InvariantCulture);
        return answerer;
    }

    /// <summary>What comes of a request that is answered here.</summary>
    public IAsyncEnumerable<AnswerEvent> Events(Answerer answerer, ServedModel model, ToolTurns? turns, CancellationToken gone) =>
        turns?.Events(answerer, next => new Answerer(model, next, options, state, gone), gone) ?? answerer.Events();

    /// <summary>Sends what comes of a request, whoever answers it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="asked">What is asked.</param>
    /// <param name="streams">Whether it comes as it is written.</param>
    /// <param name="form">How it is written.</param>
    /// <param name="events">What comes.</param>
    public async Task Send(HttpContext context, Asked asked, bool streams, AnswerForm form, IAsyncEnumerable<AnswerEvent> events)
    {
        Choice[] choices = [.. Enumerable.Range(0, asked.Choices).Select(i => new Choice(i, asked.ShowsThinking, asked.CallPieces && streams))];
        if (streams)
        {
            await Stream(context, asked, events, choices, form).ConfigureAwait(false);
            return;
        }

        Spent spent = new();
        await foreach (AnswerEvent happened in events.ConfigureAwait(false))
        {
            // What is shown is kept in the choice; only a stream gives it out piece by piece.
            _ = choices[happened.Choice].Take(happened).Count();
            Count(spent, asked, happened);
        }

        await SendWhole(context, form.Whole(choices, spent)).ConfigureAwait(false);
    }

    /// <summary>Sends a body of JSON.</summary>
    public static async Task SendWhole(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends events until there are no more; an error after the head is the last of them.</summary>
    public async Task SendEvents(HttpContext context, Func<Func<StreamEvent, Task>, Task> events, Func<ApiException, StreamEvent> error, bool endsWithMark)
    {
        EventStream stream = new(context);
        stream.Begin();
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Task ping = stream.Ping(options.Ping, ended.Token);
        try
        {
            await events(each => stream.Send(each.Json, each.Name)).ConfigureAwait(false);
            if (endsWithMark)
            {
                await stream.Done().ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (!context.RequestAborted.IsCancellationRequested)
        {
            StreamEvent last = error(gate.Translate(failure));
            await stream.Send(last.Json, last.Name).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await ping.ConfigureAwait(false);
        }
    }

    private Task Stream(HttpContext context, Asked asked, IAsyncEnumerable<AnswerEvent> events, Choice[] choices, AnswerForm form) => SendEvents(
        context,
        async send =>
        {
            await All(form.Begin(choices)).ConfigureAwait(false);
            Spent spent = new();
            int open = choices.Length;
            await foreach (AnswerEvent happened in events.ConfigureAwait(false))
            {
                Choice choice = choices[happened.Choice];
                foreach (Shown shown in choice.Take(happened))
                {
                    await All(form.More(choice, shown)).ConfigureAwait(false);
                }

                Count(spent, asked, happened);
                if (happened.Done is not null)
                {
                    open--;
                    await All(form.End(choice, spent, open == 0)).ConfigureAwait(false);
                }
            }

            await All(form.After(choices, spent)).ConfigureAwait(false);

            async Task All(IEnumerable<StreamEvent> several)
            {
                foreach (StreamEvent each in several)
                {
                    await send(each).ConfigureAwait(false);
                }
            }
        },
        form.Error,
        form.EndsWithMark);

    private static void Count(Spent spent, Asked asked, AnswerEvent happened)
    {
        if (happened.Done is { } answer)
        {
            spent.Add(asked, answer, happened.Reused);
        }
    }
}
