using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Bodies;
using GemmaVk.Server.Http;
using GemmaVk.Server.Service;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Messages;

/// <summary>POST /v1/messages and /v1/messages/count_tokens, in Anthropic's form.</summary>
internal sealed class MessagesEndpoint(AnswerSender sender)
{
    /// <summary>Answers.</summary>
    public async Task Handle(HttpContext context)
    {
        ServedModel model = sender.Model;
        (Asked asked, bool streams, string? name) = await Read(context, model, counts: false).ConfigureAwait(false);
        await sender.Send(context, model, asked, streams, new MessagesForm(model, asked, name)).ConfigureAwait(false);
    }

    /// <summary>Counts the tokens of a prompt.</summary>
    public async Task Count(HttpContext context)
    {
        (Asked asked, _, _) = await Read(context, sender.Model, counts: true).ConfigureAwait(false);
        await ServiceRoutes.Send(context, new CountedTokens(asked.Rows.Length), ServerJson.Relaxed.CountedTokens).ConfigureAwait(false);
    }

    private async Task<(Asked Asked, bool Streams, string? Name)> Read(HttpContext context, ServedModel model, bool counts)
    {
        using JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false);
        Fields body = new(json.RootElement);
        MessagesFields.Table.Check(context, body);
        return (MessagesReader.Read(context, body, model, sender.Options, counts), body.Flag("stream") ?? false, body.Text("model"));
    }
}
