using System;

namespace GemmaVk.Evaluation.Endpoints;

/// <summary>A server in OpenAI's form, and how long it is waited for.</summary>
/// <param name="Address">Up to /v1; an address without a path gets it.</param>
public sealed record EndpointOptions(Uri Address)
{
    /// <summary>What is shown as "Authorization: Bearer KEY", or null.</summary>
    public string? Key { get; init; }

    /// <summary>The model that is named in requests; null for the first that the server lists.</summary>
    public string? Model { get; init; }

    /// <summary>Longest time of an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How often a request is sent in all, where a server is busy, breaks off or cannot be reached.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The wait before the second attempt; it doubles with each.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Longest wait that a server may ask for with Retry-After.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether questions with choices are written out in Gemma 4's turns, where the server runs such a model.</summary>
    public bool GemmaTurns { get; init; }
}
