using System;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Media;

// Letters: D hidden size, E width of the picture embedder, P values of a patch, M positions per axis, S samples of a row.

/// <summary>The weights of the picture and sound embedders on a device, as stored: 0.1 GB of BF16 for the 12B.</summary>
public sealed class MediaWeights : IDisposable
{
    private readonly PlacedWeights _placed;

    private MediaWeights(PlacedWeights placed)
    {
        _placed = placed;
    }

    /// <summary>The picture embedder, or null for a checkpoint without.</summary>
    public VisionWeights? Vision { get; private set; }

    /// <summary>[D, S]: the sound embedder, or null for a checkpoint without.</summary>
    public WeightMatrix? Audio { get; private set; }

    /// <summary>Bytes on the device.</summary>
    public long Bytes => _placed.Bytes;

    /// <summary>Places the embedders that a checkpoint has.</summary>
    /// <param name="checkpoint">Source; must outlive the weights, which may be used where they are mapped.</param>
    /// <param name="backend">Where they go.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <exception cref="GemmaVkException">A tensor is missing or has another type or shape than config.json says.</exception>
    public static MediaWeights Load(Checkpoint checkpoint, IBackend backend, Action<long>? progress = null)
    {
        MediaWeights weights = new(new PlacedWeights(checkpoint, backend, progress));
        try
        {
            weights.Place(checkpoint.Config);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Writes again what the device does not read by itself, after it was opened anew.</summary>
    internal void Restore() => _placed.Restore();

    /// <inheritdoc/>
    public void Dispose() => _placed.Dispose();

    private void Place(Gemma4Config config)
    {
        if (config.VisionConfig is not null)
        {
            Vision = new VisionWeights(
                _placed.Vector(TensorNames.PatchNorm1Weight),
                _placed.Vector(TensorNames.PatchNorm1Bias),
                _placed.Matrix(TensorNames.PatchDenseWeight),
                _placed.Vector(TensorNames.PatchDenseBias),
                _placed.Vector(TensorNames.PatchNorm2Weight),
                _placed.Vector(TensorNames.PatchNorm2Bias),
                _placed.Table(TensorNames.PosEmbedding),
                _placed.Vector(TensorNames.PosNormWeight),
                _placed.Vector(TensorNames.PosNormBias),
                _placed.Matrix(TensorNames.EmbedVision));
        }

        if (config.AudioConfig is not null)
        {
            Audio = _placed.Matrix(TensorNames.EmbedAudio);
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
