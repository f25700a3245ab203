using System;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Endpoints;

/// <summary>Reads what a server answers: JSON, a fault that may pass, or a sentence.</summary>
internal static class EndpointAnswer
{
    private const int MostShown = 200;

    /// <summary>The JSON; or what may pass, with the wait that Retry-After asks for.</summary>
    /// <exception cref="EndpointException">Asking again would not help, whatever the question.</exception>
    /// <exception cref="GemmaVkException">This question is refused.</exception>
    public static (JsonDocument? Answer, string Fault, TimeSpan? Wait, Exception? Cause) Read(HttpResponseMessage response, byte[] bytes, Uri address)
    {
        int status = (int)response.StatusCode;
        string type = response.Content.Headers.ContentType?.MediaType ?? "no type";
        switch (response.StatusCode)
        {
            case HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable:
                return (null, $"it is busy ({status})", Wait(response), null);
            case HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout:
                return (null, $"it failed ({status}: {Shown(bytes)})", Wait(response), null);
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new EndpointException($"{address}: expected to be let in, but the server refuses the key ({status}); put it into a variable and name that with --endpoint-key-env.");
            case >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest:
                throw new EndpointException($"{address}: expected an answer, but the server sends elsewhere ({status}, {response.Headers.Location}); give the address that it means.");
            case HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed:
                throw new EndpointException($"{address}: expected a server in OpenAI's form, but there is no such path ({status}: {Shown(bytes)}); check the address, which ends in /v1 with most servers, and the model's name.");
            case >= HttpStatusCode.BadRequest:
                throw new GemmaVkException($"the server refuses it ({status}): {Shown(bytes)}");
        }

        try
        {
            return (JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 256 }), "", null, null);
        }
        catch (JsonException error)
        {
            string what = type.Contains("html", StringComparison.Ordinal) ? "a web page (HTML)" : $"{type}: {Shown(bytes)}";
            throw new EndpointException($"{address}: expected JSON, but {what} came; check that the address is a server's in OpenAI's form, which ends in /v1 with most of them.", error);
        }
    }

    private static TimeSpan? Wait(HttpResponseMessage response)
    {
        TimeSpan? wait = response.Headers.RetryAfter?.Delta ?? (response.Headers.RetryAfter?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>The error's sentence, or the beginning of what came.</summary>
    private static string Shown(byte[] bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out JsonElement error))
            {
                JsonElement message = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement inner) ? inner : error;
                return message.ValueKind == JsonValueKind.String ? message.GetString()! : message.GetRawText();
            }
        }
        catch (JsonException)
        {
            // Shown as it is.
        }

        string text = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(MostShown, bytes.Length)));
        return text.Length == 0 ? "nothing came" : text;
    }
}
