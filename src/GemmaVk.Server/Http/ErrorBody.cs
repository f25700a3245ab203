using System;
using System.Globalization;
using System.Threading.Tasks;
using GemmaVk.Server.Bodies;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>Errors as OpenAI's API writes them: {"error": {message, type, param, code}}; below /v1/messages as Anthropic's does.</summary>
internal static class ErrorBody
{
    /// <summary>The body.</summary>
    public static ReadOnlyMemory<byte> Of(ApiException error) => JsonText.Of(
        new ErrorEnvelope(new ErrorDetail(error.Message, error.Type, error.Param, error.Code)), ServerJson.Relaxed.ErrorEnvelope);

    /// <summary>The body in Anthropic's form, whose kinds are fewer.</summary>
    public static ReadOnlyMemory<byte> ForMessages(ApiException error) => JsonText.Of(
        new MessagesError("error", new MessagesErrorDetail(
            error.Status switch
            {
                413 => "request_too_large",
                503 => "overloaded_error",
                408 => "timeout_error",
                >= 500 => "api_error",
                _ => error.Type,
            },
            error.Message)),
        ServerJson.Relaxed.MessagesError);

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
