using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Endpoints;

/// <summary>
/// Requests to one server and nowhere else: redirects are not followed and no proxy is asked. A server that is busy (429, 503), fails (500, 502,
/// 504), breaks off or cannot be reached is asked again after a wait, which Retry-After may set.
/// </summary>
public sealed class Endpoint : IDisposable
{
    private const int MostAnswerBytes = 64 << 20;
    private readonly HttpClient _client;
    private readonly EndpointOptions _options;
    private readonly Uri _base;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="options">Which server.</param>
    /// <exception cref="GemmaVkException">The address is none of http or https.</exception>
    public Endpoint(EndpointOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Uri address = options.Address;
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
        {
            throw new GemmaVkException($"--endpoint {address}: expected an address as http://127.0.0.1:11435/v1, with http or https and without a name and password; a key goes into a variable that --endpoint-key-env names.");
        }

        _options = options;
        _base = new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') is var path && address.AbsolutePath == "/" ? $"{path}/v1/" : $"{path}/");
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AutomaticDecompression = DecompressionMethods.All,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostAnswerBytes,
        };
        if (options.Key is { } key)
        {
            try
            {
                _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }
            catch (FormatException error)
            {
                throw new GemmaVkException("--endpoint-key-env: expected a key on one line, without control characters; set the variable anew.", error);
            }
        }
    }

    /// <summary>What the server's paths begin with: the address that was given, with /v1 where it had no path.</summary>
    public Uri Address => _base;

    /// <summary>The name of the server's model: the one that was given, or the first that it lists.</summary>
    /// <exception cref="EndpointException">It is no such server.</exception>
    public async Task<string> ModelAsync(CancellationToken cancel)
    {
        if (_options.Model is { } given)
        {
            return given;
        }

        using JsonDocument models = await Send(HttpMethod.Get, "models", null, cancel).ConfigureAwait(false);
        return models.RootElement.ValueKind == JsonValueKind.Object && models.RootElement.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0
            && data[0].ValueKind == JsonValueKind.Object && data[0].TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()!
            : throw new EndpointException($"{_base}models: expected a list of models, but none is in the answer; name one with --endpoint-model.");
    }

    /// <summary>Posts JSON and reads the JSON that comes.</summary>
    /// <param name="path">Behind the address.</param>
    /// <param name="body">UTF-8.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="EndpointException">The server is gone, refuses the key, or answers with something else.</exception>
    /// <exception cref="GemmaVkException">The server refuses this request.</exception>
    public Task<JsonDocument> PostAsync(string path, byte[] body, CancellationToken cancel) => Send(HttpMethod.Post, path, body, cancel);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<JsonDocument> Send(HttpMethod method, string path, byte[]? body, CancellationToken cancel)
    {
        Uri address = new(_base, path);
        TimeSpan wait = _options.FirstWait;
        for (int attempt = 1; ; attempt++)
        {
            (JsonDocument? answer, string fault, TimeSpan? asked, Exception? cause) = await Attempt(method, address, body, cancel).ConfigureAwait(false);
            if (answer is not null)
            {
                return answer;
            }

            if (asked > _options.LongestWait)
            {
                throw new EndpointException(FormattableString.Invariant($"{address}: {fault}, and asks to come again after {asked.Value.TotalSeconds:F0} s; with --out the same command goes on from there then."));
            }

            if (attempt == _options.Attempts)
            {
                string sentence = $"{address}: {fault}, {attempt} times; look whether the server runs; with --out the same command goes on from there.";
                throw cause is null ? new EndpointException(sentence) : new EndpointException(sentence, cause);
            }

            await Task.Delay(asked ?? wait, cancel).ConfigureAwait(false);
            wait *= 2;
        }
    }

    /// <summary>The answer, or what went wrong in a way that may pass, and the wait that was asked for.</summary>
    private async Task<(JsonDocument? Answer, string Fault, TimeSpan? Wait, Exception? Cause)> Attempt(HttpMethod method, Uri address, byte[]? body, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using HttpRequestMessage request = new(method, address);
            request.Headers.Accept.ParseAdd("application/json");
            if (body is not null)
            {
                request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            }

            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token).ConfigureAwait(false);
            byte[] bytes = await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            return EndpointAnswer.Read(response, bytes, address);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            return (null, FormattableString.Invariant($"no answer came within {_options.Timeout.TotalSeconds:0.###} s (--endpoint-timeout)"), null, error);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new EndpointException($"{address}: expected an answer of at most {MostAnswerBytes >> 20} MiB, but more comes; check that it is a server in OpenAI's form.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return (null, $"it cannot be reached, or breaks off: {Complaint.Of(error.InnerException ?? error).TrimEnd('.')}", null, error);
        }
    }
}
