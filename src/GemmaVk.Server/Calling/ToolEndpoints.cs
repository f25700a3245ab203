using System;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Mcp;
using GemmaVk.Mcp.Calls;
using GemmaVk.Mcp.Permissions;
using GemmaVk.Server.Http;
using GemmaVk.Server.Service;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace GemmaVk.Server.Calling;

/// <summary>Tools that the server runs for its page: GET /gemmavk/tools, POST /gemmavk/tools/consent, POST /gemmavk/tools/call.</summary>
internal sealed class ToolEndpoints(ServerOptions options, ServerState state)
{
    /// <summary>The fields of /gemmavk/tools/consent.</summary>
    public static FieldTable ConsentFields { get; } = new(
        "/gemmavk/tools/consent",
        new("name", Outcome.Honoured),
        new("consent", Outcome.Honoured, "always, never, or ask; holds until the server ends, and not against --allow-tool and --deny-tool"));

    /// <summary>The fields of /gemmavk/tools/call.</summary>
    public static FieldTable CallFields { get; } = new(
        "/gemmavk/tools/call",
        new("name", Outcome.Honoured),
        new("arguments", Outcome.Honoured, "an object"),
        new("consent", Outcome.Honoured, "once, where the user was asked and allows this call; without it only tools are called that may always be"));

    /// <summary>The tools, and what holds for each: always, never, or ask.</summary>
    public async Task List(HttpContext context)
    {
        if (options.Tools is { Box.IsStale: true } stale)
        {
            await stale.Box.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        }

        await ServiceRoutes.Send(context, json =>
        {
            json.WriteStartArray("tools");
            foreach (OfferedTool tool in options.Tools?.Box.Tools ?? [])
            {
                json.WriteStartObject();
                json.WriteString("name", tool.Name);
                json.WriteString("origin", tool.Tool.Origin);
                json.WriteString("description", tool.Declaration.Function.GetProperty("description").GetString());
                json.WritePropertyName("parameters");
                tool.Declaration.Function.GetProperty("parameters").WriteTo(json);
                json.WriteString("standing", Standing(tool));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }).ConfigureAwait(false);
    }

    /// <summary>Takes what the user says of a tool.</summary>
    public async Task Consent(HttpContext context)
    {
        using JsonDocument document = await JsonBody.Read(context).ConfigureAwait(false);
        Fields body = new(document.RootElement);
        ConsentFields.Check(context, body);
        OfferedTool tool = Named(body);
        ToolPermissions permissions = options.Tools!.Permissions;
        switch (body.Needed("consent"))
        {
            case "always":
                permissions.Say(tool, new ConsentReply(ToolConsent.Always));
                break;
            case "never":
                permissions.Say(tool, new ConsentReply(ToolConsent.Never));
                break;
            case "ask":
                permissions.Forget(tool);
                break;
            default:
                throw body.Wrong("consent", "always, never or ask", body.Any("consent")!.Value);
        }

        await ServiceRoutes.Send(context, json => json.WriteString("standing", Standing(tool))).ConfigureAwait(false);
    }

    /// <summary>Makes a call. What comes of it is the content of a message of role tool.</summary>
    public async Task Call(HttpContext context)
    {
        using JsonDocument document = await JsonBody.Read(context).ConfigureAwait(false);
        Fields body = new(document.RootElement);
        CallFields.Check(context, body);
        OfferedTool tool = Named(body);
        bool once = body.Text("consent") is { } consent && (consent == "once" ? true : throw body.Wrong("consent", "once", body.Any("consent")!.Value));
        JsonElement arguments = body.Any("arguments") is { ValueKind: JsonValueKind.Object } given ? given.Clone() : throw ApiException.Field("arguments", "arguments: expected an object with the call's arguments; give {} for none.");
        ToolConsent? standing = options.Tools!.Permissions.Standing(tool);
        if (standing == ToolConsent.Never || (standing is null && !once))
        {
            throw new ApiException(403, standing is null ? $"{tool.Name} may be called once its user consents: ask them, and send \"consent\": \"once\"." : $"{tool.Name} is never to be called; its user said so.", "name", standing is null ? "consent_needed" : "tool_denied");
        }

        ToolAnswer answer = await tool.Tool.CallAsync(arguments, context.RequestAborted).ConfigureAwait(false);
        await ServiceRoutes.Send(context, json => Write(json, answer)).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, ToolAnswer answer)
    {
        json.WriteBoolean("is_error", answer.IsError);
        json.WriteStartArray("content");
        foreach (AIContent content in answer.Contents)
        {
            json.WriteStartObject();
            switch (content)
            {
                case DataContent data when data.MediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase):
                    json.WriteString("type", "image_url");
                    json.WriteStartObject("image_url");
                    json.WriteString("url", $"data:{data.MediaType};base64,{Convert.ToBase64String(data.Data.Span)}");
                    json.WriteEndObject();
                    break;
                case DataContent data when data.MediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase):
                    json.WriteString("type", "input_audio");
                    json.WriteStartObject("input_audio");
                    json.WriteBase64String("data", data.Data.Span);
                    json.WriteString("format", data.MediaType.Split('/')[1].Replace("x-wav", "wav", StringComparison.Ordinal).Replace("mpeg", "mp3", StringComparison.Ordinal));
                    json.WriteEndObject();
                    break;
                default:
                    json.WriteString("type", "text");
                    json.WriteString("text", content is TextContent text ? text.Text : content is DataContent other ? $"({other.MediaType} of {other.Data.Length} bytes)" : "");
                    break;
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private OfferedTool Named(Fields body)
    {
        _ = state.Model;
        string name = body.Needed("name");
        return options.Tools?.Box.Find(name) ?? throw new ApiException(404, $"There is no tool \"{name}\" here.", "name", "unknown_tool");
    }

    private string Standing(OfferedTool tool) => options.Tools!.Permissions.Standing(tool) switch { ToolConsent.Always => "always", ToolConsent.Never => "never", _ => "ask" };
}
