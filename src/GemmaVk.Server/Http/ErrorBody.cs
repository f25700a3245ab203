using System;
using System.Globalization;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>Errors as OpenAI's API writes them: {"error": {message, type, param, code}}; below /v1/messages as Anthropic's does.</summary>
internal static class ErrorBody
{
    /// <summary>The body.</summary>
    public static ReadOnlyMemory<byte> Of(ApiException error) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Type);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The body in Anthropic's form, whose kinds are fewer.</summary>
    public static ReadOnlyMemory<byte> ForMessages(ApiException error) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteStartObject("error");
        json.WriteString("type", error.Status switch
        {
            413 => "request_too_large",
            503 => "overloaded_error",
            408 => "timeout_error",
            >= 500 => "api_error",
            _ => error.Type,
        });
        json.WriteString("message", error.Message);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Answers a request with an error.</summary>
    public static async Task Send(HttpContext context, ApiException error)
    {
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json";
        // Clients repeat what ended with 408, 409, 429 or 5xx; only a full or an ending server is worth that.
        context.Response.Headers["x-should-retry"] = error.Status is 429 or 503 ? "true" : "false";
        if (error.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        ReadOnlyMemory<byte> body = context.Request.Path.StartsWithSegments("/v1/messages", StringComparison.Ordinal) ? ForMessages(error) : Of(error);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body).ConfigureAwait(false);
    }
}
