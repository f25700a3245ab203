using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
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
        using (JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false))
        {
            Fields body = new(json.RootElement);
            ChatFields.Table.Check(context, body);
            call = ChatReader.Read(body, model, sender.Options, context.RequestAborted);
        }

        await sender.Send(context, model, call.Asked, call.Stream, new ChatForm(model, call), call.Turns).ConfigureAwait(false);
    }
}
