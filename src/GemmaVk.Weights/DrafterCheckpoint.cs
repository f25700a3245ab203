using System;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;

namespace GemmaVk.Weights;

/// <summary>A drafter's checkpoint opened from its folder or its GGUF file. Thread-safe until it is disposed.</summary>
public sealed class DrafterCheckpoint : TensorSource
{
    private DrafterCheckpoint(CheckpointIndex index, DrafterConfig config)
        : base(index, TensorTable.For(config), null)
    {
        Config = config;
    }

    /// <summary>config.json and what lies beside it.</summary>
    public DrafterConfig Config { get; }

    /// <summary>Maps a checkpoint and checks every tensor's presence, type and shape; reads no weights.</summary>
    /// <exception cref="GemmaVkException">It is not a drafter's checkpoint, or damaged.</exception>
    public static DrafterCheckpoint Open(string directory)
    {
        directory = CheckpointPath.Resolve(directory);
        if (GgufNeighbours.IsGguf(directory))
        {
            GgufModel model = GgufModel.Drafter(directory);
            return Verified(model.Index, () => DrafterConfig.Parse(model.ConfigJson, directory), model.ConfigJson);
        }

        CheckpointIndex.CheckFolder(directory);
        DrafterConfig config = DrafterConfig.Load(directory);
        return Verified(CheckpointIndex.Open(directory), () => config);
    }

    /// <summary>Whether a folder or a GGUF file is that of a drafter. What cannot be read is none.</summary>
    public static bool Describes(string path) =>
        GgufNeighbours.IsGguf(path) ? GgufArchitecture.Of(path) == GgufArchitecture.Drafter : DrafterConfig.Describes(path);

    private static DrafterCheckpoint Verified(CheckpointIndex index, Func<DrafterConfig> read, byte[]? json = null)
    {
        try
        {
            DrafterConfig config = read();
            DrafterCheckpoint checkpoint = new(index, config) { ConfigJson = json ?? [] };
            checkpoint.Verify();
            return checkpoint;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of config.json; of a GGUF file, what it would be.</summary>
    internal byte[] ConfigJson { get; private init; } = [];

    /// <summary>A matrix of layer <paramref name="layer"/>.</summary>
    public MatrixSource Matrix(int layer, LayerTensor tensor, DType? target = null) => Matrix(TensorNames.DrafterLayer(layer, tensor), target);

    /// <summary>A norm of layer <paramref name="layer"/>.</summary>
    public float[] Vector(int layer, LayerTensor tensor) => Vector(TensorNames.DrafterLayer(layer, tensor));

    /// <summary>The scalar that ends layer <paramref name="layer"/>.</summary>
    public float LayerScalar(int layer) => Vector(layer, LayerTensor.LayerScalar)[0];
}
