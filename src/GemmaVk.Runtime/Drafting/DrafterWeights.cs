using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Drafting;

// Letters: D hidden size of the target, E hidden size of the drafter, F its FFN size, H query heads, W head width,
// V vocabulary.

/// <summary>A drafter's weights on a device, named as in its checkpoint.</summary>
public sealed class DrafterWeights : IDisposable
{
    private readonly PlacedWeights _placed;

    private DrafterWeights(PlacedWeights placed)
    {
        _placed = placed;
    }

    /// <summary>[E, 2 D]: takes a token's embedding, then a hidden row, both of the target.</summary>
    public WeightMatrix PreProjection { get; private set; } = null!;

    /// <summary>[D, E]: back to the target's width, for the next draft.</summary>
    public WeightMatrix PostProjection { get; private set; } = null!;

    /// <summary>[V, E]: the head. The drafter embeds nothing by it.</summary>
    public WeightMatrix EmbedTokens { get; private set; } = null!;

    /// <summary>The head's smaller copy, or null without.</summary>
    public RowOutline? Outline { get; private set; }

    /// <summary>[E], the final norm.</summary>
    public BufferHandle Norm { get; private set; } = null!;

    /// <summary>One entry per layer.</summary>
    public IReadOnlyList<DrafterLayerWeights> Layers { get; private set; } = [];

    /// <summary>Bytes that one draft reads: every matrix once.</summary>
    public long BytesPerStep => _placed.MatrixBytes;

    /// <summary>Bytes of all weights on the device.</summary>
    public long Bytes => _placed.Bytes;

    /// <summary>Places all weights of a drafter.</summary>
    /// <param name="checkpoint">Source; must outlive the weights, which may be used where they are mapped.</param>
    /// <param name="backend">Where they go.</param>
    /// <param name="precision">Formats to convert to.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <exception cref="GemmaVkException">A tensor is missing or has another type or shape than config.json says.</exception>
    public static DrafterWeights Load(DrafterCheckpoint checkpoint, IBackend backend, DrafterPrecision precision, Action<long>? progress = null)
    {
        DrafterWeights weights = new(new PlacedWeights(checkpoint, backend, progress, "drafter."));
        try
        {
            weights.Place(checkpoint, precision.For(checkpoint.Config));
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Looks whether the files that are computed from in place are still whole (<see cref="ModelWeights.CheckUnchanged"/>).</summary>
    /// <exception cref="GemmaVkException">One was written to since it was opened.</exception>
    public void CheckUnchanged() => _placed.CheckUnchanged();

    /// <summary>Writes again what the device does not read by itself, after it was opened anew.</summary>
    internal void Restore() => _placed.Restore();

    /// <inheritdoc/>
    public void Dispose() => _placed.Dispose();

    private void Place(DrafterCheckpoint checkpoint, DrafterPrecision precision)
    {
        PreProjection = _placed.Matrix(TensorNames.PreProjection, precision.Linears);
        PostProjection = _placed.Matrix(TensorNames.PostProjection, precision.Linears);
        List<DrafterLayerWeights> layers = [];
        for (int i = 0; i < checkpoint.Config.NumHiddenLayers; i++)
        {
            WeightMatrix Linear(LayerTensor tensor) => _placed.Matrix(TensorNames.DrafterLayer(i, tensor), precision.Linears);
            BufferHandle Norm(LayerTensor tensor) => _placed.Vector(TensorNames.DrafterLayer(i, tensor));
            layers.Add(new DrafterLayerWeights(
                Norm(LayerTensor.InputLayernorm),
                Linear(LayerTensor.QProj),
                Norm(LayerTensor.QNorm),
                Linear(LayerTensor.OProj),
                Norm(LayerTensor.PostAttentionLayernorm),
                Norm(LayerTensor.PreFeedforwardLayernorm),
                Linear(LayerTensor.GateProj),
                Linear(LayerTensor.UpProj),
                Linear(LayerTensor.DownProj),
                Norm(LayerTensor.PostFeedforwardLayernorm),
                checkpoint.LayerScalar(i)));
        }

        Layers = layers;
        Norm = _placed.Vector(TensorNames.DrafterFinalNorm);
        EmbedTokens = _placed.Matrix(TensorNames.DrafterEmbedTokens, precision.Head);
        Outline = _placed.Outline(TensorNames.DrafterEmbedTokens, EmbedTokens, precision.HeadOutline);
    }
}

/// <summary>Weights of one layer of a drafter: those of a decoder layer without keys and values.</summary>
/// <param name="InputLayernorm">[E], before attention.</param>
/// <param name="QProj">[H * W, E].</param>
/// <param name="QNorm">[W].</param>
/// <param name="OProj">[E, H * W].</param>
/// <param name="PostAttentionLayernorm">[E], on the output of attention before the residual.</param>
/// <param name="PreFeedforwardLayernorm">[E].</param>
/// <param name="GateProj">[F, E].</param>
/// <param name="UpProj">[F, E].</param>
/// <param name="DownProj">[E, F].</param>
/// <param name="PostFeedforwardLayernorm">[E], on the output of the MLP before the residual.</param>
/// <param name="LayerScalar">Multiplies the residual stream at the end of the layer.</param>
public sealed record DrafterLayerWeights(
    BufferHandle InputLayernorm,
    WeightMatrix QProj,
    BufferHandle QNorm,
    WeightMatrix OProj,
    BufferHandle PostAttentionLayernorm,
    BufferHandle PreFeedforwardLayernorm,
    WeightMatrix GateProj,
    WeightMatrix UpProj,
    WeightMatrix DownProj,
    BufferHandle PostFeedforwardLayernorm,
    float LayerScalar);
