using System.Collections.Generic;

namespace GemmaVk.Model;

/// <summary>generation_config.json, one property per key; the defaults are those of the 12B.</summary>
public sealed record GenerationConfig
{
    /// <summary>False for greedy decoding.</summary>
    public bool DoSample { get; init; } = true;

    /// <summary>Divides the logits before the draw.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Keeps this many of the largest logits.</summary>
    public int TopK { get; init; } = 64;

    /// <summary>Keeps the smallest set of tokens with at least this probability.</summary>
    public float TopP { get; init; } = 0.95f;

    /// <summary>Leaves out tokens less likely than this share of the likeliest; 0 for off.</summary>
    public float MinP { get; init; }

    /// <summary>What else the file asks for and is not done, such as "repetition_penalty 1.1"; what changes nothing is not listed.</summary>
    public IReadOnlyList<string> Unheeded { get; init; } = [];

    /// <summary>
    /// Tokens that are never written, greedy decoding included: without the list the 12B emits an end-of-image token now and then.
    /// </summary>
    public IReadOnlyList<int> SuppressTokens { get; init; } = [];
}
