namespace GemmaVk.Model;

// Letters: D hidden size, F FFN size, H query heads, K KV heads, W head width.

/// <summary>The tensors of a decoder layer.</summary>
public enum LayerTensor : byte
{
    /// <summary>RMS norm before attention: [D].</summary>
    InputLayernorm,

    /// <summary>RMS norm of attention's output, before the residual: [D].</summary>
    PostAttentionLayernorm,

    /// <summary>RMS norm before the feed-forward: [D].</summary>
    PreFeedforwardLayernorm,

    /// <summary>RMS norm of the feed-forward's output, before the residual: [D].</summary>
    PostFeedforwardLayernorm,

    /// <summary>Multiplies the residual stream at the end of the layer: [1].</summary>
    LayerScalar,

    /// <summary>RMS norm of each query head: [W].</summary>
    QNorm,

    /// <summary>RMS norm of each key head: [W].</summary>
    KNorm,

    /// <summary>Queries: [H * W, D].</summary>
    QProj,

    /// <summary>Keys: [K * W, D].</summary>
    KProj,

    /// <summary>Values: [K * W, D]; absent where V is K.</summary>
    VProj,

    /// <summary>Attention output: [D, H * W].</summary>
    OProj,

    /// <summary>Gate of the feed-forward: [F, D].</summary>
    GateProj,

    /// <summary>Upward half of the feed-forward: [F, D].</summary>
    UpProj,

    /// <summary>Downward half of the feed-forward: [D, F].</summary>
    DownProj,
}
