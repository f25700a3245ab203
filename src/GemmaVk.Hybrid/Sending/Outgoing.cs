using System.Collections.Generic;

namespace GemmaVk.Hybrid.Sending;

/// <summary>What is about to leave, as somebody is shown it before they consent.</summary>
/// <param name="Endpoint">Where to.</param>
/// <param name="Body">The request's body, as it will be sent, byte for byte in UTF-8.</param>
/// <param name="Taken">How often what was taken out of it, by name.</param>
/// <param name="Media">Pictures and sounds in it, from which nothing is taken out.</param>
/// <param name="MostCost">The most that it can cost.</param>
/// <param name="Why">Why it is to go there.</param>
public sealed record Outgoing(Endpoint Endpoint, string Body, IReadOnlyDictionary<string, int> Taken, int Media, decimal MostCost, string Why)
{
    /// <summary>Its words alone, each with the role of who said them.</summary>
    public required IReadOnlyList<(string Role, string Text)> Words { get; init; }

    /// <summary>SHA-256 of the body: what a consent that comes later is for.</summary>
    public required string Sha256 { get; init; }
}
