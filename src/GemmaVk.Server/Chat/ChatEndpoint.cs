using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Chat;

/// <summary>POST /v1/chat/completions.</summary>
internal sealed class ChatEndpoint(ServerOptions options, ServerState state, Gate gate)
{
    /// <summary>Answers a request.</summary>
    public async Task Handle(HttpContext context)
    {
        ServedModel model = state.Model;
        ChatCall call;
        using (JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false))
        {
            Fields body = new(json.RootElement);
            ChatFields.Table.Check(context, body);
            call = ChatReader.Read(body, model, options, context.RequestAborted);
        }

        using Answerer answerer = new(model, call.Asked, options, state, context.RequestAborted);
        context.Response.Headers["x-gemmavk-queue-position"] = answerer.Ahead.ToString(CultureInfo.InvariantCulture);
        ChatWriter writer = new(model, call);
        Choice[] choices = [.. Enumerable.Range(0, call.Asked.Choices).Select(i => new Choice(i, call.Asked.ShowsThinking))];
        if (call.Stream)
        {
            await Stream(context, call, answerer, writer, choices).ConfigureAwait(false);
            return;
        }

        Spent spent = new();
        await foreach (AnswerEvent happened in answerer.Events().ConfigureAwait(false))
        {
            // What is shown is kept in the choice; only a stream gives it out piece by piece.
            _ = choices[happened.Choice].Take(happened).Count();
            Count(spent, call.Asked, happened);
        }

        context.Response.ContentType = "application/json";
        ReadOnlyMemory<byte> whole = writer.Whole(choices, spent);
        context.Response.ContentLength = whole.Length;
        await context.Response.Body.WriteAsync(whole, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task Stream(HttpContext context, ChatCall call, Answerer answerer, ChatWriter writer, Choice[] choices)
    {
        EventStream stream = new(context);
        stream.Begin();
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Task ping = stream.Ping(options.Ping, ended.Token);
        try
        {
            foreach (Choice choice in choices)
            {
                await stream.Send(writer.First(choice.Index)).ConfigureAwait(false);
            }

            Spent spent = new();
            int open = choices.Length;
            await foreach (AnswerEvent happened in answerer.Events().ConfigureAwait(false))
            {
                Choice choice = choices[happened.Choice];
                List<Shown> shown = [.. choice.Take(happened)];
                foreach (Shown each in shown)
                {
                    await stream.Send(writer.More(choice, each)).ConfigureAwait(false);
                }

                Count(spent, call.Asked, happened);
                if (happened.Done is not null)
                {
                    open--;
                    await stream.Send(writer.Last(choice, open == 0 && !call.Usage ? spent : null)).ConfigureAwait(false);
                }
            }

            if (call.Usage)
            {
                await stream.Send(writer.Usage(spent)).ConfigureAwait(false);
            }

            await stream.Done().ConfigureAwait(false);
        }
        catch (Exception error) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The head is sent: the error is the last event.
            await stream.Send(ErrorBody.Of(gate.Translate(error))).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await ping.ConfigureAwait(false);
        }
    }

    private static void Count(Spent spent, Asked asked, AnswerEvent happened)
    {
        if (happened.Done is { } answer)
        {
            spent.Add(asked, answer, happened.Reused);
        }
    }
}
