using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Forward;

// Steps 6 and 7 of the weight path; from Weights/TensorSource, to the backend's memory.
// Letters: D hidden size, V vocabulary.

/// <summary>The weights of the text model on a device, named as in the checkpoint.</summary>
public sealed class ModelWeights : IDisposable
{
    private readonly PlacedWeights _placed;

    private ModelWeights(PlacedWeights placed)
    {
        _placed = placed;
    }

    /// <summary>[V, D]: token rows, and the head.</summary>
    public WeightMatrix EmbedTokens { get; private set; } = null!;

    /// <summary>The head's smaller copy, or null without.</summary>
    public RowOutline? Outline { get; private set; }

    /// <summary>[D], the final norm.</summary>
    public BufferHandle Norm { get; private set; } = null!;

    /// <summary>One entry per layer.</summary>
    public IReadOnlyList<LayerWeights> Layers { get; private set; } = [];

    /// <summary>
    /// Bytes that one decoding step reads: every layer's matrices and the head; where the head has an outline that and not the head, of which a
    /// step reads the few rows that it cannot leave out.
    /// </summary>
    public long BytesPerStep => _placed.MatrixBytes - (Outline is null ? 0 : EmbedTokens.Bytes - Outline.Coarse.Bytes);

    /// <summary>What one decoding step reads, without scales: memory by which a device can be measured.</summary>
    public IReadOnlyList<BufferHandle> Matrices => _placed.Matrices;

    /// <summary>Bytes of all weights on the device.</summary>
    public long Bytes => _placed.Bytes;

    /// <summary>Places all weights of a checkpoint.</summary>
    /// <param name="checkpoint">Source; must outlive the weights, which may be used where they are mapped.</param>
    /// <param name="backend">Where they go.</param>
    /// <param name="precision">Formats to convert to.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <exception cref="GemmaVkException">A tensor is missing or has another type or shape than config.json says.</exception>
    public static ModelWeights Load(Checkpoint checkpoint, IBackend backend, Precision precision, Action<long>? progress = null)
    {
        ModelWeights weights = new(new PlacedWeights(checkpoint, backend, progress));
        try
        {
            weights.Place(checkpoint, precision);
            weights.Outline = weights._placed.Outline(TensorNames.EmbedTokens, weights.EmbedTokens, precision.HeadOutline);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Format of the embedding (and head) that a precision gives for a checkpoint.</summary>
    public static DType? EmbeddingFormat(Checkpoint checkpoint, Precision precision) =>
        precision.Embedding
        ?? (precision.Linears is DType.Q4 or DType.Q8 ? DType.Q8 : precision.Linears is null ? checkpoint.UsualEmbedding : null);

    /// <summary>Looks whether the files that are computed from in place are still whole; nothing to do where the device has its own copy.</summary>
    /// <exception cref="GemmaVkException">One was written to since it was opened.</exception>
    public void CheckUnchanged() => _placed.CheckUnchanged();

    /// <summary>Writes again what the device does not read by itself, after it was opened anew.</summary>
    internal void Restore() => _placed.Restore();

    /// <inheritdoc/>
    public void Dispose() => _placed.Dispose();

    private void Place(Checkpoint checkpoint, Precision precision)
    {
        List<LayerWeights> layers = [];
        foreach (LayerPlan plan in LayerPlan.For(checkpoint.Config))
        {
            int i = plan.Index;
            WeightMatrix Linear(LayerTensor tensor) => _placed.Matrix(TensorNames.Layer(i, tensor), precision.Linears);
            BufferHandle Norm(LayerTensor tensor) => _placed.Vector(TensorNames.Layer(i, tensor));
            layers.Add(new LayerWeights(
                Norm(LayerTensor.InputLayernorm),
                Linear(LayerTensor.QProj),
                Linear(LayerTensor.KProj),
                plan.HasValueProjection ? Linear(LayerTensor.VProj) : null,
                Norm(LayerTensor.QNorm),
                Norm(LayerTensor.KNorm),
                Linear(LayerTensor.OProj),
                Norm(LayerTensor.PostAttentionLayernorm),
                Norm(LayerTensor.PreFeedforwardLayernorm),
                Linear(LayerTensor.GateProj),
                Linear(LayerTensor.UpProj),
                Linear(LayerTensor.DownProj),
                Norm(LayerTensor.PostFeedforwardLayernorm),
                checkpoint.Vector(TensorNames.Layer(i, LayerTensor.LayerScalar))[0]));
        }

        Layers = layers;
        Norm = _placed.Vector(TensorNames.FinalNorm);
        EmbedTokens = _placed.Matrix(TensorNames.EmbedTokens, EmbeddingFormat(checkpoint, precision));
    }
}
