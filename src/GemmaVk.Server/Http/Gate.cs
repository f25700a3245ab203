using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>
/// What every request passes: the host it names (a page elsewhere may have its own name point here), the origin of the page that sends it, the
/// key, and whether the server is ending. Whatever goes wrong behind it is answered as an error of the API.
/// </summary>
internal sealed class Gate(ServerOptions options, ServerState state)
{
    private static readonly string[] Open = ["/health", "/v1/health", "/ready"];
    private readonly byte[]? _key = options.ApiKey is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;
    private readonly HashSet<string> _hosts = new([.. options.AllowedHosts, options.Host], StringComparer.OrdinalIgnoreCase);

    /// <summary>Lets a request through, or answers it.</summary>
    public async Task Pass(HttpContext context, RequestDelegate next)
    {
        string id = context.Request.Headers["x-request-id"].ToString() is { Length: > 0 and <= 128 } given && given.All(c => c is > ' ' and < '\x7f') ? given : $"req_{Guid.NewGuid():N}";
        context.Response.Headers["x-request-id"] = id;
        try
        {
            Check(context);
            if (HttpMethods.IsOptions(context.Request.Method) && context.Request.Headers.Origin.Count > 0)
            {
                Preflight(context);
                return;
            }

            EncodedBody.Unpack(context.Request, options.MostBodyBytes);
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: 404 or 405 } && context.GetEndpoint() is null or { DisplayName: "405 HTTP Method Not Supported" })
            {
                string allowed = context.Response.Headers.Allow.ToString();
                throw new ApiException(context.Response.StatusCode, context.Response.StatusCode == 405
                    ? $"{context.Request.Path} takes {allowed}, but {context.Request.Method} came."
                    : $"{context.Request.Method} {context.Request.Path}: there is no such address; /openapi.json lists those there are.");
            }
        }
        catch (Exception error) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Answer(context, Translate(error)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or System.IO.IOException)
        {
            // Who asked is gone.
        }
    }

    /// <summary>An exception as an error of the API.</summary>
    public ApiException Translate(Exception error)
    {
        switch (error)
        {
            case ApiException api:
                return api;
            case BadHttpRequestException bad:
                return new ApiException(bad.StatusCode, bad.StatusCode == 413
                    ? $"The body is larger than {options.MostBodyBytes} bytes; send less, or start the server with a larger --max-body."
                    : bad.StatusCode == 408 ? "The body came too slowly, or not at all; send it again, all of it."
                    : $"{bad.Message}");
            case Runtime.Sessions.ContextFullException full:
                return new ApiException(400, full.Message, "messages", "context_length_exceeded");
            case AggregateException { InnerException: { } inner }:
                return Translate(inner);
            case EngineBusyException busy:
                return new ApiException(429, busy.Message, code: "queue_full") { RetryAfter = 2 };
            case GemmaVkException or TextException:
                return new ApiException(400, error.Message);
            case OperationCanceledException or ObjectDisposedException when state.Ends:
                return state.Ending();
            case TimeoutException or OperationCanceledException:
                return new ApiException(408, $"The answer took longer than the server's limit of {options.LongestAnswer.TotalSeconds} s.", code: "timeout");
            default:
                state.Failed(error);
                return new ApiException(500, $"The server failed: {error.Message}", code: error.GetType().Name);
        }
    }

    private static async Task Answer(HttpContext context, ApiException error)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        await ErrorBody.Send(context, error).ConfigureAwait(false);
    }

    private void Check(HttpContext context)
    {
        string host = context.Request.Host.Host;
        if (!IsOwn(host))
        {
            throw new ApiException(403, $"The request names the host {host}: expected one of this server's own; start it with --allow-host {host} if it is one.", code: "host_not_allowed");
        }

        string origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsOwnOrigin(context, origin))
        {
            if (!options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase) && !options.AllowedOrigins.Contains("*"))
            {
                throw new ApiException(403, $"A page of {origin} may not call this server; start it with --allow-origin {origin} to let it.", code: "origin_not_allowed");
            }

            context.Response.Headers.AccessControlAllowOrigin = origin;
            context.Response.Headers.Vary = "Origin";
        }

        bool open = Open.Contains(context.Request.Path.Value) || HttpMethods.IsOptions(context.Request.Method) || StaticPage.Has(context.Request.Path.Value!);
        if (_key is not null && !open && !Shows(context.Request))
        {
            throw new ApiException(401, "The key is missing or wrong: expected \"Authorization: Bearer KEY\" with the key of the server's --api-key-file.", code: "invalid_api_key");
        }

        if (state.Ends && !open)
        {
            throw state.Ending();
        }
    }

    private static void Preflight(HttpContext context)
    {
        context.Response.StatusCode = 204;
        context.Response.Headers.AccessControlAllowMethods = "GET, POST, DELETE";
        context.Response.Headers.AccessControlAllowHeaders = context.Request.Headers["Access-Control-Request-Headers"].ToString();
        context.Response.Headers.AccessControlMaxAge = "600";
    }

    private bool IsOwn(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || _hosts.Contains(host) || _hosts.Contains("*")
        || (IPAddress.TryParse(host, out IPAddress? address) && (IPAddress.IsLoopback(address) || !IPAddress.TryParse(options.Host, out IPAddress? own) || !IPAddress.IsLoopback(own)));

    private static bool IsOwnOrigin(HttpContext context, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Authority.Equals(context.Request.Host.Value, StringComparison.OrdinalIgnoreCase) && uri.Scheme == context.Request.Scheme;

    // Hashes have one length, and comparing them takes the same time wherever they differ.
    private bool Shows(HttpRequest request)
    {
        string bearer = request.Headers.Authorization.ToString();
        string shown = bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? bearer["Bearer ".Length..].Trim() : request.Headers["x-api-key"].ToString();
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), _key);
    }
}
