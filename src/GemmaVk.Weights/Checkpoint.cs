using System.Collections.Generic;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>A target checkpoint opened from its folder: configuration and tensors. Thread-safe until it is disposed.</summary>
public sealed class Checkpoint : TensorSource
{
    private Checkpoint(CheckpointIndex index, Gemma4Config config)
        : base(index, TensorTable.For(config), config.QuantizationConfig)
    {
        Config = config;
    }

    /// <summary>config.json and what lies beside it.</summary>
    public Gemma4Config Config { get; }

    /// <summary>How the language model's linears are stored; null for plain weights.</summary>
    public QuantizationConfig? Quantization => Config.QuantizationConfig;

    private protected override IReadOnlyList<string> Settings => Config.Generation.Unheeded;

    /// <summary>Maps a checkpoint and checks every tensor's presence, type and shape; reads no weights.</summary>
    /// <exception cref="GemmaVkException">It is not a checkpoint, or not one of a supported model, or damaged.</exception>
    public static Checkpoint Open(string directory)
    {
        directory = CheckpointPath.Resolve(directory);
        CheckpointIndex.CheckFolder(directory);
        Gemma4Config config = Gemma4Config.Load(directory);
        CheckpointIndex index = CheckpointIndex.Open(directory);
        try
        {
            Checkpoint checkpoint = new(index, config);
            checkpoint.Verify();
            return checkpoint;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>A matrix of layer <paramref name="layer"/>.</summary>
    public MatrixSource Matrix(int layer, LayerTensor tensor, DType? target = null) => Matrix(TensorNames.Layer(layer, tensor), target);

    /// <summary>A norm of layer <paramref name="layer"/>.</summary>
    public float[] Vector(int layer, LayerTensor tensor) => Vector(TensorNames.Layer(layer, tensor));

    /// <summary>The scalar that ends layer <paramref name="layer"/>.</summary>
    public float LayerScalar(int layer) => Vector(layer, LayerTensor.LayerScalar)[0];
}
