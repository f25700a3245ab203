using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>Reads the JSON of a request.</summary>
internal static class JsonBody
{
    private const int Deepest = 256;

    // Levels that readers put around parts of a request.
    private const int Own = 8;

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

        using MemoryStream bytes = new();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        JsonDocument body = Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
        if (body.RootElement.ValueKind != JsonValueKind.Object)
        {
            JsonValueKind came = body.RootElement.ValueKind;
            body.Dispose();
            throw new ApiException(400, $"The body is {Name(came)}: expected an object; send one.", code: "invalid_json");
        }

        return body;
    }

    /// <summary>JSON of a request, or made of one, which is some levels deeper.</summary>
    /// <exception cref="ApiException">It is no JSON, too deep, or says something twice.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Deepest + Own, AllowDuplicateProperties = false });
        }
        catch (JsonException error)
        {
            throw new ApiException(400, Why(json.Span, error), code: "invalid_json");
        }
    }

    // Read once more, because the exception's own sentence speaks to programmers.
    private static string Why(ReadOnlySpan<byte> json, JsonException error)
    {
        if (json.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return "The body is empty: expected an object of JSON; send one.";
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        Stack<HashSet<string>> names = [];
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= Deepest + Own)
                {
                    return $"The body is nested deeper than {Deepest} levels; send a flatter one.";
                }

                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    names.Push([]);
                }
                else if (reader.TokenType == JsonTokenType.EndObject)
                {
                    names.Pop();
                }
                else if (reader.TokenType == JsonTokenType.PropertyName && reader.GetString() is { } name && !names.Peek().Add(name))
                {
                    return $"The body says \"{(name.Length <= 60 ? name : name[..57] + "...")}\" twice in one object; say it once.";
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Where it stops being JSON is known from the first reading.
        }

        return $"The body is not JSON: it cannot be read from byte {error.BytePositionInLine + 1} of line {error.LineNumber + 1} on; look there for a bracket, a comma, a quotation mark or a number that JSON does not have.";
    }

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
