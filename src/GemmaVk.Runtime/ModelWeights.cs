using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime;

// Steps 6 and 7 of the weight path; from Weights/TensorSource, to the backend's memory.
// Letters: D hidden size, V vocabulary.

/// <summary>The weights of the text model on a device, named as in the checkpoint.</summary>
public sealed class ModelWeights : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly Checkpoint _checkpoint;
    private bool _inPlace;

    private ModelWeights(Checkpoint checkpoint)
    {
        _checkpoint = checkpoint;
    }

    /// <summary>[V, D]: token rows, and the head.</summary>
    public WeightMatrix EmbedTokens { get; private set; } = null!;

    /// <summary>[D], the final norm.</summary>
    public BufferHandle Norm { get; private set; } = null!;

    /// <summary>One entry per layer.</summary>
    public IReadOnlyList<LayerWeights> Layers { get; private set; } = [];

    /// <summary>Bytes that one decoding step reads: every layer's matrices and the head.</summary>
    public long BytesPerStep { get; private set; }

    /// <summary>Bytes of all weights on the device.</summary>
    public long Bytes { get; private set; }

    /// <summary>Places all weights of a checkpoint.</summary>
    /// <param name="checkpoint">Source; must outlive the weights, which may be used where they are mapped.</param>
    /// <param name="backend">Where they go.</param>
    /// <param name="precision">Formats to convert to.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <exception cref="GemmaVkException">A tensor is missing or has another type or shape than config.json says.</exception>
    public static ModelWeights Load(Checkpoint checkpoint, IBackend backend, Precision precision, Action<long>? progress = null)
    {
        ModelWeights weights = new(checkpoint);
        try
        {
            weights.Place(checkpoint, backend, precision, progress);
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
        ?? (precision.Linears is DType.Q4 or DType.Q8 || (precision.Linears is null && checkpoint.Quantization?.Format is DType.Q4 or DType.Q8) ? DType.Q8 : null);

    /// <summary>Looks whether the files that are computed from in place are still whole; nothing to do where the device has its own copy.</summary>
    /// <exception cref="GemmaVkException">One was written to since it was opened.</exception>
    public void CheckUnchanged()
    {
        if (_inPlace)
        {
            _checkpoint.CheckUnchanged();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private void Place(Checkpoint checkpoint, IBackend backend, Precision precision, Action<long>? progress)
    {
        WeightMatrix Matrix(string name, DType? format)
        {
            WeightMatrix matrix = backend.Place(checkpoint.Matrix(name, format), progress);
            _owned.Add(matrix);
            _inPlace |= matrix.InPlace;
            Bytes += matrix.Bytes;
            BytesPerStep += matrix.Bytes;
            return matrix;
        }

        BufferHandle Vector(string name)
        {
            float[] values = checkpoint.Vector(name);
            BufferHandle buffer = backend.Allocate(name, DType.F32, new Shape(values.Length));
            _owned.Add(buffer);
            backend.Write<float>(buffer, values);
            Bytes += buffer.Bytes;
            return buffer;
        }

        List<LayerWeights> layers = [];
        foreach (LayerPlan plan in LayerPlan.For(checkpoint.Config))
        {
            int i = plan.Index;
            WeightMatrix Linear(LayerTensor tensor) => Matrix(TensorNames.Layer(i, tensor), precision.Linears);
            BufferHandle Norm(LayerTensor tensor) => Vector(TensorNames.Layer(i, tensor));
            LayerWeights layer = new(
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
                checkpoint.Vector(TensorNames.Layer(i, LayerTensor.LayerScalar))[0]);
            OneFormat(i, layer.QProj, layer.KProj, layer.VProj ?? layer.KProj);
            OneFormat(i, layer.GateProj, layer.UpProj);
            layers.Add(layer);
        }

        Layers = layers;
        Norm = Vector(TensorNames.FinalNorm);
        EmbedTokens = Matrix(TensorNames.EmbedTokens, EmbeddingFormat(checkpoint, precision));
    }

    /// <summary>Products of one input share its INT8 rows, whose order depends on the format of the weights.</summary>
    private static void OneFormat(int layer, params ReadOnlySpan<WeightMatrix> matrices)
    {
        foreach (WeightMatrix matrix in matrices)
        {
            if (matrix.Format != matrices[0].Format)
            {
                throw new GemmaVkException(
                    $"layer {layer} stores {matrices[0].Data.Name} as {matrices[0].Format} but {matrix.Data.Name} as {matrix.Format}: "
                    + "matrices with the same input need one format. Convert the checkpoint with 'gemmavk quantize', or load it with --weights.");
            }
        }
    }
}
