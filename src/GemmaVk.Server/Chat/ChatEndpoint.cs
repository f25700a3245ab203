using System.Collections.Generic;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Server.Routing;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Chat;

/// <summary>POST /v1/chat/completions.</summary>
internal sealed class ChatEndpoint(AnswerSender sender)
{
    private const string RouteHeader = "x-gemmavk-route";

    /// <summary>Answers a request.</summary>
    public async Task Handle(HttpContext context)
    {
        try
        {
            await Answer(context).ConfigureAwait(false);
        }
        catch (ConsentNeededException needed)
        {
            await RoutedRequest.Ask(context, needed.Outgoing).ConfigureAwait(false);
        }
    }

    private async Task Answer(HttpContext context)
    {
        ServedModel model = sender.Model;
        ChatCall call;
        RoutedRequest? routed;
        using (JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false))
        {
            Fields body = new(json.RootElement);
            ChatFields.Table.Check(context, body);
            call = ChatReader.Read(body, model, sender.Options, context.RequestAborted);
            // It takes what it needs of the request's own bytes while they are there.
            routed = sender.Options.Route is { } file ? new RoutedRequest(file, body, model) : null;
        }

        ChatForm form = new(model, call);
        int tokens = call.Asked.Rows.Length;
        IAsyncEnumerable<AnswerEvent>? elsewhere = routed?.Rule.Action switch
        {
            RouteAction.Cloud => await routed.SendAsync($"{routed.Rule.Name} sends it there", context.RequestAborted).ConfigureAwait(false),
            RouteAction.LocalFirst when routed.Rule.OnFailure && tokens >= model.Answers.Context => await routed.SendAsync(
                $"it has {tokens} tokens, and the local model holds {model.Answers.Context} ({routed.Rule.Name})", context.RequestAborted).ConfigureAwait(false),
            RouteAction.LocalFirst => await routed.SendTriedAsync(context.RequestAborted).ConfigureAwait(false),
            _ => null,
        };
        if (elsewhere is null && routed is { IsTried: true })
        {
            using LocalTrial trial = new(routed.Rule, context.RequestAborted);
            using (Answerer answerer = sender.Enter(context, model, call.Asked, trial.Late))
            {
                if (await trial.Begin(sender.Events(answerer, model, call.Turns, trial.Late)).ConfigureAwait(false) is { } here)
                {
                    context.Response.Headers[RouteHeader] = RoutedRequest.Here;
                    await sender.Send(context, call.Asked, call.Stream, form, here).ConfigureAwait(false);
                    return;
                }
            }

            // Its place is given up before somebody is asked.
            elsewhere = await routed.SendAsync(trial.Why, context.RequestAborted).ConfigureAwait(false);
        }

        if (routed is not null)
        {
            context.Response.Headers[RouteHeader] = elsewhere is null ? RoutedRequest.Here : routed.Rule.Endpoint;
        }

        await (elsewhere is null ? sender.Send(context, model, call.Asked, call.Stream, form, call.Turns) : sender.Send(context, call.Asked, call.Stream, form, elsewhere)).ConfigureAwait(false);
    }
}
