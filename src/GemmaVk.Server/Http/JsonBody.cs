using System;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>Reads the JSON of a request.</summary>
internal static class JsonBody
{
    private const int Deepest = 256;

    /// <summary>The body, an object; the caller disposes it.</summary>
    /// <exception cref="ApiException">It is no JSON, no object, too large, or of another type.</exception>
    public static async Task<JsonDocument> Read(HttpContext context)
    {
        string? type = context.Request.ContentType;
        if (type is not null && !type.Contains("json", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase)
            && !type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(415, $"Content-Type {type}: expected application/json; send the body as JSON.");
        }

        JsonDocument body;
        try
        {
            body = await JsonDocument.ParseAsync(
                context.Request.Body, new JsonDocumentOptions { MaxDepth = Deepest, AllowDuplicateProperties = false }, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw new ApiException(400, $"The body is not the JSON that was expected: {e.Message}", code: "invalid_json");
        }

        if (body.RootElement.ValueKind != JsonValueKind.Object)
        {
            JsonValueKind came = body.RootElement.ValueKind;
            body.Dispose();
            throw new ApiException(400, $"The body is a JSON {came}: expected an object.", code: "invalid_json");
        }

        return body;
    }
}
