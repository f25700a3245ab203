using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Sending;

namespace GemmaVk.Hybrid.Tests;

/// <summary>Somebody who always says the same, and remembers what they were shown.</summary>
internal sealed class Consent(bool says) : IRouteConsent
{
    public List<Outgoing> Shown { get; } = [];

    public ValueTask<bool> AskAsync(Outgoing outgoing, CancellationToken cancel)
    {
        Shown.Add(outgoing);
        return ValueTask.FromResult(says);
    }
}
