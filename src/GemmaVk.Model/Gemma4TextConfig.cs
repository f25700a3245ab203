using System.Collections.Generic;

namespace GemmaVk.Model;

/// <summary>
/// The <c>text_config</c> of config.json, one property per key: what a Gemma 4 decoder stack is made of. Values that a
/// file leaves out are those of the 12B. The newer <c>per_layer_config</c> spelling is read into
/// <see cref="GlobalHeadDim"/> and <see cref="NumGlobalKeyValueHeads"/>, so that both spellings give the same plan.
/// </summary>
public abstract record Gemma4TextConfig
{
    /// <summary>The file it came from; named in every message.</summary>
    public required string File { get; init; }

    /// <summary>Width of the residual stream, D.</summary>
    public int HiddenSize { get; init; } = 3840;

    /// <summary>Width of the feed-forward layer, F.</summary>
    public int IntermediateSize { get; init; } = 15360;

    /// <summary>Number of decoder layers.</summary>
    public int NumHiddenLayers { get; init; } = 48;

    /// <summary>Query heads, H, the same in every layer.</summary>
    public int NumAttentionHeads { get; init; } = 16;

    /// <summary>KV heads of a sliding layer, K.</summary>
    public int NumKeyValueHeads { get; init; } = 8;

    /// <summary>Head width of a sliding layer, W.</summary>
    public int HeadDim { get; init; } = 256;

    /// <summary>Head width of a full layer, W.</summary>
    public int GlobalHeadDim { get; init; } = 512;

    /// <summary>KV heads of a full layer, K.</summary>
    public int NumGlobalKeyValueHeads { get; init; } = 1;

    /// <summary>Keys a sliding layer sees, the query's own position included.</summary>
    public int SlidingWindow { get; init; } = 1024;

    /// <summary>Longest context the model was made for, in tokens.</summary>
    public int MaxPositionEmbeddings { get; init; } = 262144;

    /// <summary>Rows of the embedding and of the logits, V.</summary>
    public int VocabSize { get; init; } = 262144;

    /// <summary>Kind of every layer, first to last.</summary>
    public IReadOnlyList<LayerKind> LayerTypes { get; init; } = [];

    /// <summary>True if full layers take V from the K projection and have no v_proj.</summary>
    public bool AttentionKEqV { get; init; } = true;

    /// <summary>Logits become c * tanh(logit / c); null for none.</summary>
    public float? FinalLogitSoftcapping { get; init; } = 30f;

    /// <summary>Added to the mean square in every RMS norm.</summary>
    public float RmsNormEps { get; init; } = 1e-6f;

    /// <summary>Base of the rotation frequencies in sliding layers.</summary>
    public double SlidingRopeTheta { get; init; } = 10_000;

    /// <summary>Base of the rotation frequencies in full layers.</summary>
    public double FullRopeTheta { get; init; } = 1_000_000;

    /// <summary>Share of the pairs of a full layer's head that rotate.</summary>
    public double PartialRotaryFactor { get; init; } = 0.25;

    /// <summary>True if pictures see their own block in both directions (value "vision").</summary>
    public bool BidirectionalVision { get; init; } = true;

    /// <summary>Layers that borrow the KV of another model: all of the drafter's, none of the target's.</summary>
    public int NumKvSharedLayers { get; init; }

    /// <summary>True if the head is the embedding.</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Token that starts a text.</summary>
    public int BosTokenId { get; init; } = 2;

    /// <summary>Token that fills a batch; never fed to the model.</summary>
    public int PadTokenId { get; init; }

    /// <summary>Tokens that end an answer: the ids of config.json and generation_config.json together.</summary>
    public IReadOnlyList<int> EosTokenId { get; init; } = [];

    /// <summary>generation_config.json: how the publisher wants answers to be drawn.</summary>
    public GenerationConfig Generation { get; init; } = new();
}
