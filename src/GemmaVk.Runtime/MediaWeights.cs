using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime;

// Letters: D hidden size, E width of the picture embedder, P values of a patch, M positions per axis, S samples of a row.

/// <summary>The weights of the picture and sound embedders on a device, as stored: 0.1 GB of BF16 for the 12B.</summary>
public sealed class MediaWeights : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private MediaWeights()
    {
    }

    /// <summary>The picture embedder, or null for a checkpoint without.</summary>
    public VisionWeights? Vision { get; private set; }

    /// <summary>[D, S]: the sound embedder, or null for a checkpoint without.</summary>
    public WeightMatrix? Audio { get; private set; }

    /// <summary>Bytes on the device.</summary>
    public long Bytes { get; private set; }

    /// <summary>Places the embedders that a checkpoint has.</summary>
    /// <param name="checkpoint">Source; must outlive the weights, which may be used where they are mapped.</param>
    /// <param name="backend">Where they go.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <exception cref="GemmaVkException">A tensor is missing or has another type or shape than config.json says.</exception>
    public static MediaWeights Load(Checkpoint checkpoint, IBackend backend, Action<long>? progress = null)
    {
        MediaWeights weights = new();
        try
        {
            weights.Place(checkpoint, backend, progress);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private void Place(Checkpoint checkpoint, IBackend backend, Action<long>? progress)
    {
        WeightMatrix Matrix(string name)
        {
            WeightMatrix matrix = backend.Place(checkpoint.Matrix(name), progress);
            _owned.Add(matrix);
            Bytes += matrix.Bytes;
            return matrix;
        }

        BufferHandle Buffer(string name, DType dtype, long count)
        {
            BufferHandle buffer = backend.Allocate(name, dtype, new Shape(count));
            _owned.Add(buffer);
            Bytes += buffer.Bytes;
            return buffer;
        }

        BufferHandle Vector(string name)
        {
            float[] values = checkpoint.Vector(name);
            BufferHandle buffer = Buffer(name, DType.F32, values.Length);
            backend.Write<float>(buffer, values);
            return buffer;
        }

        BufferHandle Positions(string name)
        {
            float[] values = checkpoint.Vector(name);
            BufferHandle buffer = Buffer(name, DType.BF16, values.Length);
            backend.Write<ushort>(buffer, Array.ConvertAll(values, BFloat16.FromSingle));
            return buffer;
        }

        if (checkpoint.Config.VisionConfig is not null)
        {
            Vision = new VisionWeights(
                Vector(TensorNames.PatchNorm1Weight),
                Vector(TensorNames.PatchNorm1Bias),
                Matrix(TensorNames.PatchDenseWeight),
                Vector(TensorNames.PatchDenseBias),
                Vector(TensorNames.PatchNorm2Weight),
                Vector(TensorNames.PatchNorm2Bias),
                Positions(TensorNames.PosEmbedding),
                Vector(TensorNames.PosNormWeight),
                Vector(TensorNames.PosNormBias),
                Matrix(TensorNames.EmbedVision));
        }

        if (checkpoint.Config.AudioConfig is not null)
        {
            Audio = Matrix(TensorNames.EmbedAudio);
        }
    }
}

/// <summary>Weights of the picture embedder, named as in the checkpoint.</summary>
/// <param name="PatchNorm1Weight">[P], on the patch's values.</param>
/// <param name="PatchNorm1Bias">[P].</param>
/// <param name="PatchDense">[E, P].</param>
/// <param name="PatchDenseBias">[E].</param>
/// <param name="PatchNorm2Weight">[E], on the product.</param>
/// <param name="PatchNorm2Bias">[E].</param>
/// <param name="PosEmbedding">[M, 2, E] BF16: axis 0 is the column.</param>
/// <param name="PosNormWeight">[E], after the positions.</param>
/// <param name="PosNormBias">[E].</param>
/// <param name="EmbeddingProjection">[D, E].</param>
public sealed record VisionWeights(
    BufferHandle PatchNorm1Weight,
    BufferHandle PatchNorm1Bias,
    WeightMatrix PatchDense,
    BufferHandle PatchDenseBias,
    BufferHandle PatchNorm2Weight,
    BufferHandle PatchNorm2Bias,
    BufferHandle PosEmbedding,
    BufferHandle PosNormWeight,
    BufferHandle PosNormBias,
    WeightMatrix EmbeddingProjection);
