using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Sending;

namespace GemmaVk.Server.Routing;

/// <summary>Consent that comes with a request: the hash of the bytes that its user was shown. Other bytes are another question.</summary>
/// <param name="given">The hash, or null.</param>
internal sealed class ConsentByHash(string? given) : IRouteConsent
{
    /// <inheritdoc/>
    public ValueTask<bool> AskAsync(Outgoing outgoing, CancellationToken cancel) => given == outgoing.Sha256 ? ValueTask.FromResult(true) : throw new ConsentNeededException(outgoing);
}
