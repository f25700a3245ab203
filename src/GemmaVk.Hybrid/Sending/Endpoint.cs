using System;

namespace GemmaVk.Hybrid.Sending;

/// <summary>A server that answers /chat/completions as OpenAI's does.</summary>
/// <param name="Name">What the file calls it.</param>
/// <param name="Url">Its base, to which chat/completions is added: https, or http of this machine.</param>
/// <param name="Model">What requests call the model.</param>
/// <param name="Key">What it is shown, or null.</param>
public sealed record Endpoint(string Name, Uri Url, string Model, EndpointKey? Key)
{
    /// <summary>Price of a million tokens that are sent.</summary>
    public decimal InputPrice { get; init; }

    /// <summary>Price of a million tokens that come back.</summary>
    public decimal OutputPrice { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 2048;

    /// <summary>Longest time of an answer.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Where requests go.</summary>
    public Uri Address => new($"{Url.AbsoluteUri.TrimEnd('/')}/chat/completions");

    /// <summary>Whether what is sent leaves this machine.</summary>
    public bool IsRemote => !Url.IsLoopback;
}
