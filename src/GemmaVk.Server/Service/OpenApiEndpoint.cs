using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Server.Calling;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Completions;
using GemmaVk.Server.Http;
using GemmaVk.Server.Messages;
using GemmaVk.Server.Responses;
using GemmaVk.Server.Speech;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GemmaVk.Server.Service;

/// <summary>GET /openapi.json: every address and its fields, made of the routes and the tables that answer requests.</summary>
internal sealed class OpenApiEndpoint(IEndpointRouteBuilder app)
{
    /// <summary>The tables of fields.</summary>
    public static IReadOnlyList<FieldTable> Tables { get; } =
    [
        ChatFields.Table, CompletionFields.Table, ResponsesFields.Table, MessagesFields.Table, SpeechFields.Table,
        TokenizerEndpoints.TokenizeFields, TokenizerEndpoints.DetokenizeFields, InsideEndpoints.MediaFields,
        ToolEndpoints.ConsentFields, ToolEndpoints.CallFields,
    ];

    private static readonly Dictionary<string, string> Summaries = new()
    {
        ["/v1/chat/completions"] = "Answers a conversation.",
        ["/chat/completions"] = "The same as /v1/chat/completions.",
        ["/v1/completions"] = "Continues texts, and says how likely they were.",
        ["/v1/responses"] = "Answers a conversation, in items.",
        ["/v1/messages"] = "Answers a conversation, in Anthropic's form.",
        ["/v1/messages/count_tokens"] = "Counts the tokens of a conversation.",
        ["/v1/audio/transcriptions"] = "Writes down what is said.",
        ["/v1/audio/translations"] = "Writes down in another language what is said.",
        ["/v1/models"] = "The model.",
        ["/models"] = "The same as /v1/models.",
        ["/v1/models/{name}"] = "The model by its name.",
        ["/health"] = "Whether the model is loaded and its device is there.",
        ["/v1/health"] = "The same as /health.",
        ["/ready"] = "Whether a request would be taken now.",
        ["/props"] = "What llama-server tells of itself.",
        ["/metrics"] = "Figures for Prometheus.",
        ["/tokenize"] = "Text or a conversation to ids of tokens.",
        ["/detokenize"] = "Ids of tokens to text.",
        ["/tokenizer_info"] = "Names of special tokens.",
        ["/gemmavk/status"] = "Device, memory, queue and figures.",
        ["/gemmavk/media"] = "What the model gets of a picture, a sound or a clip.",
        ["/gemmavk/tools"] = "Tools that the server runs, and whether each may be called.",
        ["/gemmavk/tools/consent"] = "Says whether a tool may be called.",
        ["/gemmavk/tools/call"] = "Calls a tool.",
        ["/gemmavk/sessions"] = "Saved conversations.",
        ["/gemmavk/sessions/{id}"] = "Saves or deletes a conversation.",
        ["/gemmavk/sessions/{id}/restore"] = "Puts a saved conversation into a cache.",
        ["/openapi.json"] = "This document.",
    };

    /// <summary>The document.</summary>
    public Task Handle(HttpContext context) => ServiceRoutes.Send(context, json =>
    {
        json.WriteString("openapi", "3.1.0");
        json.WriteStartObject("info");
        json.WriteString("title", "GemmaVk");
        json.WriteString("version", ModelEndpoints.BuildInfo);
        json.WriteEndObject();
        json.WriteStartObject("paths");
        foreach (IGrouping<string, (string Path, string Method)> path in Routes().GroupBy(route => route.Path).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(path.Key);
            foreach ((_, string method) in path.DistinctBy(route => route.Method))
            {
                json.WriteStartObject(method);
                json.WriteString("summary", Summaries[path.Key]);
                Parameters(json, path.Key);
                Body(json, path.Key, method);
                Answers(json);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    /// <summary>The addresses of the API, with their methods.</summary>
    public IEnumerable<(string Path, string Method)> Routes() =>
        from endpoint in app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("**", "", StringComparison.Ordinal)
        where !StaticPage.Has(path)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        select (path, method.ToLowerInvariant());

    private static void Parameters(Utf8JsonWriter json, string path)
    {
        json.WriteStartArray("parameters");
        foreach (string name in path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}')))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("in", "path");
            json.WriteBoolean("required", true);
            json.WriteStartObject("schema");
            json.WriteString("type", "string");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Body(Utf8JsonWriter json, string path, string method)
    {
        FieldTable? table = method != "post" ? null : Tables.FirstOrDefault(table => table.Address == path) ?? path switch
        {
            "/v1/messages/count_tokens" => MessagesFields.Table,
            "/v1/audio/translations" => SpeechFields.Table,
            "/chat/completions" or "/gemmavk/sessions/{id}" => ChatFields.Table,
            _ => null,
        };
        if (table is null)
        {
            return;
        }

        json.WriteStartObject("requestBody");
        json.WriteStartObject("content");
        json.WriteStartObject(table == SpeechFields.Table ? "multipart/form-data" : "application/json");
        json.WriteStartObject("schema");
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach (KnownField field in table.All.Where(field => field.Outcome != Outcome.Refused))
        {
            json.WriteStartObject(field.Name);
            json.WriteString("description", field.Outcome == Outcome.Ignored ? $"Changes nothing. {field.Note}".Trim() : field.Note);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Answers(Utf8JsonWriter json)
    {
        json.WriteStartObject("responses");
        json.WriteStartObject("200");
        json.WriteString("description", "What was asked for.");
        json.WriteEndObject();
        json.WriteStartObject("default");
        json.WriteString("description", "An error: {\"error\": {message, type, param, code}}.");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
