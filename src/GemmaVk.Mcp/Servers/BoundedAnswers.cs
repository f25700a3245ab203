using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Mcp.Servers;

/// <summary>Requests to one address: no redirection elsewhere, no proxy, no cookies, and answers up to a limit.</summary>
/// <param name="mostBytes">Of a line of an answer: JSON comes as one, and an event of a stream too.</param>
internal sealed class BoundedAnswers(long mostBytes) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false })
{
    /// <summary>Why an answer was not read to its end, or null.</summary>
    public string? Fault { get; private set; }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if ((int)response.StatusCode is >= 300 and < 400)
        {
            Fault = $"answered with a redirection to {response.Headers.Location}, which is not followed";
        }

        if (response.Content.Headers.ContentLength > mostBytes)
        {
            Fault = $"sent a message of more than {mostBytes >> 10} KiB";
            response.Dispose();
            throw new HttpRequestException(Fault);
        }

        HttpContent body = response.Content;
        BoundedLines bounded = new(await body.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), mostBytes, isLines: false);
        response.Content = new StreamContent(bounded);
        foreach ((string name, var values) in body.Headers)
        {
            response.Content.Headers.TryAddWithoutValidation(name, values);
        }

        return response;
    }
}
