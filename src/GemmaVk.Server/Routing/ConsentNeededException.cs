using System;
using GemmaVk.Hybrid.Sending;

namespace GemmaVk.Server.Routing;

/// <summary>Something would leave, and its user has to be asked first.</summary>
/// <param name="outgoing">What.</param>
internal sealed class ConsentNeededException(Outgoing outgoing) : Exception($"{outgoing.Endpoint.Name} is to answer")
{
    /// <summary>What would leave.</summary>
    public Outgoing Outgoing => outgoing;
}
