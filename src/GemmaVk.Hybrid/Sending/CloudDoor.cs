using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Redaction;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Hybrid.Spending;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;

namespace GemmaVk.Hybrid.Sending;

/// <summary>
/// The one way out. In this order: what is to be taken out is taken out, the body is written, its cost is looked at, somebody consents to these bytes, they are
/// written into the audit log, and they are sent: the same bytes, to the address of the file, past no proxy and no redirection.
/// </summary>
/// <param name="file">What is allowed.</param>
/// <param name="consent">Asks; null where nobody can be asked.</param>
/// <param name="clock">Tells the time.</param>
public sealed class CloudDoor(RouteFile file, IRouteConsent? consent, TimeProvider? clock = null) : IDisposable
{
    private const int TokensOfMedium = 8192;
    private const decimal PerMillion = 1_000_000m;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Ledger _ledger = new(file.LedgerPath, clock ?? TimeProvider.System);
    private readonly AuditLog _audit = new(file.AuditPath, clock ?? TimeProvider.System);

    /// <summary>Sends a conversation, if somebody consents.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">How to answer.</param>
    /// <param name="why">Why it is to go there.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The answer as it comes; null where consent was refused.</returns>
    /// <exception cref="GemmaVkException">Nobody can be asked, it would cost too much, or the endpoint fails.</exception>
    public async Task<IAsyncEnumerable<ChatResponseUpdate>?> SendAsync(Endpoint endpoint, IReadOnlyList<ChatMessage> messages, ChatOptions? options, string why, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(messages);
        Redacting redacting = file.Redactor.Begin();
        CompletionBody body = new(endpoint, redacting.Take);
        byte[] bytes = body.Write(messages, options);

        // A token has a byte at least: this is more than it will cost, and never less.
        decimal input = bytes.Length - body.MediaBytes + (body.Media * TokensOfMedium);
        decimal most = ((input * endpoint.InputPrice) + (body.MaxTokens * endpoint.OutputPrice)) / PerMillion;
        Outgoing outgoing = new(endpoint, Encoding.UTF8.GetString(bytes), redacting.Counts, body.Media, most, why)
        {
            Words = body.Words,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        };
        if (consent is null)
        {
            throw new GemmaVkException($"endpoint {endpoint.Name}: expected somebody who consents, because {why}, but nobody can be asked here; nothing was sent. Ask in a terminal, or change the rule to local_only.");
        }

        string? key = endpoint.Key?.Read();
        if (!await consent.AskAsync(outgoing, cancel).ConfigureAwait(false))
        {
            return null;
        }

        string id = _ledger.Reserve(file.Limit, endpoint.Name, most);
        return Answer(endpoint, bytes, key, id, most, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async IAsyncEnumerable<ChatResponseUpdate> Answer(Endpoint endpoint, byte[] bytes, string? key, string id, decimal most, [EnumeratorCancellation] CancellationToken cancel)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(endpoint.Time);
        using HttpRequestMessage request = new(HttpMethod.Post, endpoint.Address) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Dictionary<string, string> headers = new() { ["Content-Type"] = "application/json" };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            headers["Authorization"] = $"Bearer (the key in {endpoint.Key!.Place})";
        }

        _audit.Sends(id, endpoint, headers, bytes);
        CompletionStream stream = new(endpoint);
        string outcome = "left before its end";
        try
        {
            using HttpResponseMessage response = await Guarded(endpoint, () => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token), cancel).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                outcome = $"status {(int)response.StatusCode}";
                throw new GemmaVkException($"endpoint {endpoint.Name}: expected an answer, but status {(int)response.StatusCode} came: {await Beginning(response, late.Token).ConfigureAwait(false)}");
            }

            Stream answer = await response.Content.ReadAsStreamAsync(late.Token).ConfigureAwait(false);
            IAsyncEnumerator<ChatResponseUpdate> updates = stream.Read(answer, late.Token).GetAsyncEnumerator(late.Token);
            await using (updates.ConfigureAwait(false))
            {
                while (await Guarded(endpoint, () => updates.MoveNextAsync().AsTask(), cancel).ConfigureAwait(false))
                {
                    yield return updates.Current;
                }
            }

            outcome = "answered";
        }
        finally
        {
            Settle(endpoint, stream, id, most, outcome);
        }
    }

    /// <summary>What it did cost; the most where that is not known, and nothing where the endpoint refused it.</summary>
    private void Settle(Endpoint endpoint, CompletionStream stream, string id, decimal most, string outcome)
    {
        (long? input, long? output) = (stream.Usage?.InputTokenCount, stream.Usage?.OutputTokenCount);
        decimal cost = input is { } sent && output is { } came ? ((sent * endpoint.InputPrice) + (came * endpoint.OutputPrice)) / PerMillion
            : outcome.StartsWith("status", StringComparison.Ordinal) ? 0 : most;
        _ledger.Settle(id, endpoint.Name, cost, input ?? 0, output ?? 0);
        _audit.Ended(id, outcome);
    }

    private static async Task<T> Guarded<T>(Endpoint endpoint, Func<Task<T>> act, CancellationToken cancel)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new GemmaVkException(FormattableString.Invariant($"endpoint {endpoint.Name}: expected an answer within {endpoint.Time.TotalSeconds:0.#} s (\"seconds\"), but it takes longer; it was left."), e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new GemmaVkException($"endpoint {endpoint.Name}: expected an answer of {endpoint.Address.Host}, but {Complaint.Of(e.GetBaseException())} Check its \"url\".", e);
        }
    }

    private static async Task<string> Beginning(HttpResponseMessage response, CancellationToken cancel)
    {
        byte[] bytes = new byte[300];
        Stream body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return VisibleText.Line(Encoding.UTF8.GetString(bytes, 0, length).ReplaceLineEndings(" "));
    }
}
