using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Responses;

/// <summary>POST /v1/responses, without what would be kept between requests.</summary>
internal sealed class ResponsesEndpoint(AnswerSender sender)
{
    /// <summary>Answers.</summary>
    public async Task Handle(HttpContext context)
    {
        ServedModel model = sender.Model;
        Asked asked;
        ResponseTools tools;
        bool streams;
        using (JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false))
        {
            Fields body = new(json.RootElement);
            ResponsesFields.Table.Check(context, body);
            (asked, tools) = ResponsesReader.Read(context, body, model, sender.Options);
            streams = body.Flag("stream") ?? false;
        }

        await sender.Send(context, model, asked, streams, new ResponsesForm(model, asked, tools)).ConfigureAwait(false);
    }
}
