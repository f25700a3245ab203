using System.Collections.Generic;
using System.IO;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;

namespace GemmaVk.Weights;

/// <summary>A target checkpoint opened from its folder or its GGUF file: configuration and tensors. Thread-safe until it is disposed.</summary>
public sealed class Checkpoint : TensorSource
{
    private readonly GgufModel? _gguf;
    private byte[]? _configJson;

    private Checkpoint(CheckpointIndex index, Gemma4Config config, GgufModel? gguf = null)
        : base(index, TensorTable.For(config), config.QuantizationConfig)
    {
        Config = config;
        _gguf = gguf;
    }

    /// <summary>config.json and what lies beside it.</summary>
    public Gemma4Config Config { get; }

    /// <summary>How the language model's linears are stored; null for plain weights.</summary>
    public QuantizationConfig? Quantization => Config.QuantizationConfig;

    /// <summary>Format of the embedding where nobody asks for one: INT8 where it is stored plain beside INT4 or INT8 layers; null for the stored one.</summary>
    public DType? UsualEmbedding => (IsGguf ? HasPlainEmbeddingBesideBlocks : Quantization?.Format is DType.Q4 or DType.Q8) ? DType.Q8 : null;

    /// <summary>The vocabulary inside a GGUF file; null for a folder, which has a tokenizer.json.</summary>
    public GgufVocabulary? Vocabulary => _gguf?.Vocabulary;

    /// <summary>The bytes of config.json; of a GGUF file, what it would be.</summary>
    internal byte[] ConfigJson => _configJson ??= _gguf?.ConfigJson ?? File.ReadAllBytes(Config.File);

    /// <summary>generation_config.json of a GGUF file, which has none; null for a folder.</summary>
    internal byte[]? GenerationJson => _gguf?.GenerationJson;

    /// <summary>processor_config.json likewise, where there is something to say.</summary>
    internal byte[]? ProcessorJson => _gguf?.ProcessorJson;

    private protected override IReadOnlyList<string> Settings => Config.Generation.Unheeded;

    private protected override IReadOnlyList<string> OwnNotes => _gguf?.Notes ?? [];

    /// <summary>Maps a checkpoint and checks every tensor's presence, type and shape; reads no weights.</summary>
    /// <param name="path">A folder, or a GGUF file.</param>
    /// <param name="mmproj">The media projector of a GGUF file: its path, <c>auto</c> for the one beside it, or <c>off</c>.</param>
    /// <exception cref="GemmaVkException">It is not a checkpoint, or not one of a supported model, or damaged.</exception>
    public static Checkpoint Open(string path, string mmproj = "auto")
    {
        path = CheckpointPath.Resolve(path);
        if (GgufNeighbours.IsGguf(path))
        {
            return OpenGguf(path, GgufNeighbours.Projector(path, mmproj));
        }

        if (mmproj is not ("auto" or "off"))
        {
            throw new GemmaVkException($"--mmproj {mmproj}: expected together with a GGUF model, but {path} is {(File.Exists(path) ? "none" : "a folder, which holds pictures' and sounds' weights itself")}; drop the flag.");
        }

        CheckpointIndex.CheckFolder(path);
        Gemma4Config config = Gemma4Config.Load(path);
        CheckpointIndex index = CheckpointIndex.Open(path);
        return Verified(index, new Checkpoint(index, config));
    }

    /// <summary>The configuration alone; of a folder config.json is enough, whose weights may be on their way.</summary>
    /// <exception cref="GemmaVkException">It is not a checkpoint of a supported model, or damaged.</exception>
    public static Gemma4Config ConfigOf(string path, string mmproj = "auto")
    {
        path = CheckpointPath.Resolve(path);
        if (!GgufNeighbours.IsGguf(path))
        {
            return Gemma4Config.Load(path);
        }

        using Checkpoint checkpoint = Open(path, mmproj);
        return checkpoint.Config;
    }

    /// <summary>A matrix of layer <paramref name="layer"/>.</summary>
    public MatrixSource Matrix(int layer, LayerTensor tensor, DType? target = null) => Matrix(TensorNames.Layer(layer, tensor), target);

    /// <summary>A norm of layer <paramref name="layer"/>.</summary>
    public float[] Vector(int layer, LayerTensor tensor) => Vector(TensorNames.Layer(layer, tensor));

    /// <summary>The scalar that ends layer <paramref name="layer"/>.</summary>
    public float LayerScalar(int layer) => Vector(layer, LayerTensor.LayerScalar)[0];

    private static Checkpoint OpenGguf(string path, string? projector)
    {
        GgufModel model = GgufModel.Target(path, projector);
        try
        {
            Gemma4Config config = Gemma4Config.Parse(model.ConfigJson, model.GenerationJson, model.ProcessorJson, path);
            return Verified(model.Index, new Checkpoint(model.Index, config, model));
        }
        catch
        {
            model.Index.Dispose();
            throw;
        }
    }

    private static Checkpoint Verified(CheckpointIndex index, Checkpoint checkpoint)
    {
        try
        {
            checkpoint.Verify();
            return checkpoint;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }
}
