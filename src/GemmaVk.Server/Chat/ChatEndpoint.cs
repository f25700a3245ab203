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
    /// <summary>Answers a request.</summary>
    public async Task Handle(HttpContext context)
    {
        ServedModel model = sender.Model;
        ChatCall call;
        IAsyncEnumerable<AnswerEvent>? elsewhere = null;
        RoutedRequest? routed = null;
        using (JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false))
        {
            Fields body = new(json.RootElement);
            ChatFields.Table.Check(context, body);
            call = ChatReader.Read(body, model, sender.Options, context.RequestAborted);
            routed = sender.Options.Route is { } file ? new RoutedRequest(file, body, model) : null;
            try
            {
                // What needs the request's own bytes is done while they are there.
                elsewhere = routed?.Rule.Action switch
                {
                    RouteAction.Cloud => await routed.SendAsync($"{routed.Rule.Name} sends it there", context.RequestAborted).ConfigureAwait(false),
                    RouteAction.LocalFirst when routed.Rule.OnFailure && call.Asked.Rows.Length >= model.Answers.Context => await routed.SendAsync(
                        $"it has {call.Asked.Rows.Length} tokens, and the local model holds {model.Answers.Context} ({routed.Rule.Name})", context.RequestAborted).ConfigureAwait(false),
                    _ => null,
                };
            }
            catch (ConsentNeededException needed)
            {
                await RoutedRequest.Ask(context, needed.Outgoing).ConfigureAwait(false);
                return;
            }
        }

        if (routed is not null)
        {
            context.Response.Headers["x-gemmavk-route"] = elsewhere is null ? RoutedRequest.Here : routed.Rule.Endpoint;
        }

        ChatForm form = new(model, call);
        await (elsewhere is null ? sender.Send(context, model, call.Asked, call.Stream, form, call.Turns) : sender.Send(context, call.Asked, call.Stream, form, elsewhere)).ConfigureAwait(false);
    }
}
