using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Forward;

// Letters: D hidden size, F FFN size, H query heads, K KV heads, W head width.

/// <summary>Weights of one layer, named as in the checkpoint.</summary>
/// <param name="InputLayernorm">[D], before attention.</param>
/// <param name="QProj">[H * W, D].</param>
/// <param name="KProj">[K * W, D].</param>
/// <param name="VProj">[K * W, D] in sliding layers; null in full layers, whose values are the raw keys.</param>
/// <param name="QNorm">[W].</param>
/// <param name="KNorm">[W].</param>
/// <param name="OProj">[D, H * W].</param>
/// <param name="PostAttentionLayernorm">[D], on the output of attention before the residual.</param>
/// <param name="PreFeedforwardLayernorm">[D].</param>
/// <param name="GateProj">[F, D].</param>
/// <param name="UpProj">[F, D].</param>
/// <param name="DownProj">[D, F].</param>
/// <param name="PostFeedforwardLayernorm">[D], on the output of the MLP before the residual.</param>
/// <param name="LayerScalar">Multiplies the residual stream at the end of the layer.</param>
public sealed record LayerWeights(
    BufferHandle InputLayernorm,
    WeightMatrix QProj,
    WeightMatrix KProj,
    WeightMatrix? VProj,
    BufferHandle QNorm,
    BufferHandle KNorm,
    WeightMatrix OProj,
    BufferHandle PostAttentionLayernorm,
    BufferHandle PreFeedforwardLayernorm,
    WeightMatrix GateProj,
    WeightMatrix UpProj,
    WeightMatrix DownProj,
    BufferHandle PostFeedforwardLayernorm,
    float LayerScalar);
