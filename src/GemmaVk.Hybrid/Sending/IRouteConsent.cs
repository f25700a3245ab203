using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Hybrid.Sending;

/// <summary>Asks whether something may leave. It is asked each time.</summary>
public interface IRouteConsent
{
    /// <summary>Shows what is about to leave, and asks.</summary>
    /// <exception cref="Tensors.GemmaVkException">Nobody can be asked: nothing is sent.</exception>
    ValueTask<bool> AskAsync(Outgoing outgoing, CancellationToken cancel);
}
