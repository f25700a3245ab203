using System;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Tasks;
using GemmaVk.Server.Calling;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GemmaVk.Server.Service;

/// <summary>The addresses that tell of the server and its model.</summary>
internal static class ServiceRoutes
{
    /// <summary>Adds them.</summary>
    public static void Map(IEndpointRouteBuilder app, ServerOptions options, ServerState state, ServerMeter meter)
    {
        HealthEndpoints health = new(state);
        app.MapGet("/health", health.Health);
        app.MapGet("/v1/health", health.Health);
        app.MapGet("/ready", health.Ready);
        ModelEndpoints models = new(state);
        app.MapGet("/v1/models", models.List);
        app.MapGet("/models", models.List);
        app.MapGet("/v1/models/{**name}", models.One);
        app.MapGet("/props", models.Props);
        TokenizerEndpoints tokenizer = new(state);
        app.MapPost("/tokenize", tokenizer.Tokenize);
        app.MapPost("/detokenize", tokenizer.Detokenize);
        app.MapGet("/tokenizer_info", tokenizer.Info);
        app.MapGet("/metrics", new MetricsEndpoint(app, meter).Handle);
        SessionEndpoints sessions = new(options, state);
        app.MapGet("/gemmavk/sessions", sessions.List);
        app.MapPost("/gemmavk/sessions/{id}", sessions.Save);
        app.MapPost("/gemmavk/sessions/{id}/restore", sessions.Restore);
        app.MapDelete("/gemmavk/sessions/{id}", sessions.Delete);
        app.MapGet("/openapi.json", new OpenApiEndpoint(app).Handle);
        InsideEndpoints inside = new(options, state);
        app.MapGet("/gemmavk/status", inside.Status);
        app.MapPost("/gemmavk/media", inside.Media);
        ToolEndpoints tools = new(options, state);
        app.MapGet("/gemmavk/tools", tools.List);
        app.MapPost("/gemmavk/tools/consent", tools.Consent);
        app.MapPost("/gemmavk/tools/call", tools.Call);
    }

    /// <summary>Answers with a body of one shape.</summary>
    public static Task Send<T>(HttpContext context, T body, JsonTypeInfo<T> type) => SendBytes(context, JsonText.Of(body, type));

    /// <summary>Answers with JSON.</summary>
    public static Task Send(HttpContext context, Action<Utf8JsonWriter> write)
    {
        ReadOnlyMemory<byte> body = JsonText.Write(json =>
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        });
        return SendBytes(context, body);
    }

    private static Task SendBytes(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
