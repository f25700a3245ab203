using System;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>
/// config.json of a <c>gemma4_unified</c> checkpoint, one property per key in PascalCase, with generation_config.json and
/// processor_config.json beside it. <c>text_config</c> is flattened into the base record. Numbers are the file's, never a document's.
/// </summary>
public sealed partial record Gemma4Config : Gemma4TextConfig
{
    /// <summary>"gemma4_unified" or "gemma4_unified_text".</summary>
    public required string ModelType { get; init; }

    /// <summary>The picture embedder; null if the checkpoint has none.</summary>
    public VisionConfig? VisionConfig { get; init; }

    /// <summary>The sound embedder; null if the checkpoint has none.</summary>
    public AudioConfig? AudioConfig { get; init; }

    /// <summary>processor_config.json.</summary>
    public ProcessorConfig Processor { get; init; } = new();

    /// <summary>How the language model's matrices are compressed; null for plain weights.</summary>
    public QuantizationConfig? QuantizationConfig { get; init; }

    /// <summary>Placeholder that a picture's soft tokens replace.</summary>
    public int ImageTokenId { get; init; } = 258880;

    /// <summary>Placeholder that a sound's soft tokens replace.</summary>
    public int AudioTokenId { get; init; } = 258881;

    /// <summary>Placeholder that a video frame's soft tokens replace.</summary>
    public int VideoTokenId { get; init; } = 258884;

    /// <summary>Opens a picture.</summary>
    public int BoiTokenId { get; init; } = 255999;

    /// <summary>Closes a picture.</summary>
    public int EoiTokenId { get; init; } = 258882;

    /// <summary>Opens a sound.</summary>
    public int BoaTokenId { get; init; } = 256000;

    /// <summary>Closes a sound. The key really ends in <c>_index</c>.</summary>
    public int EoaTokenIndex { get; init; } = 258883;

    /// <summary>Reads the configuration of a checkpoint.</summary>
    /// <param name="path">config.json or the folder that holds it.</param>
    /// <exception cref="GemmaVkException">A file is missing or unreadable, or describes what this is not.</exception>
    public static Gemma4Config Load(string path)
    {
        string file = ConfigFolder.Locate(path);
        using JsonDocument document = JsonFile.Read(file);
        using JsonDocument? generation = ConfigFolder.ReadBeside(file, "generation_config.json");
        using JsonDocument? processor = ConfigFolder.ReadBeside(file, "processor_config.json");
        return Read(
            new JsonSection(document.RootElement, file, ""),
            generation is null ? null : new JsonSection(generation.RootElement, ConfigFolder.Beside(file, "generation_config.json"), ""),
            processor is null ? null : new JsonSection(processor.RootElement, ConfigFolder.Beside(file, "processor_config.json"), ""),
            file);
    }

    /// <summary>Reads a config.json that is already in memory; nothing lies beside it.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="file">The name used in messages.</param>
    /// <exception cref="GemmaVkException">It describes what this is not.</exception>
    public static Gemma4Config Parse(ReadOnlyMemory<byte> json, string file)
    {
        using JsonDocument document = JsonFile.Parse(json, file);
        return Read(new JsonSection(document.RootElement, file, ""), null, null, file);
    }

    /// <summary>Reads a config.json with what lies beside it, all in memory: those that the metadata of a GGUF file amount to.</summary>
    /// <param name="json">config.json.</param>
    /// <param name="generation">generation_config.json, or null for none.</param>
    /// <param name="processor">processor_config.json, or null for none.</param>
    /// <param name="file">The name used in messages.</param>
    /// <exception cref="GemmaVkException">They describe what this is not.</exception>
    public static Gemma4Config Parse(byte[] json, byte[]? generation, byte[]? processor, string file)
    {
        using JsonDocument document = JsonFile.Parse(json, file);
        using JsonDocument? settings = generation is { } given ? JsonFile.Parse(given, file) : null;
        using JsonDocument? media = processor is { } said ? JsonFile.Parse(said, file) : null;
        return Read(
            new JsonSection(document.RootElement, file, ""), settings is null ? null : new JsonSection(settings.RootElement, file, ""), media is null ? null : new JsonSection(media.RootElement, file, ""), file);
    }

    internal static Gemma4Config Read(JsonSection root, JsonSection? generation, JsonSection? processor, string file)
    {
        string modelType = SupportedModels.CheckTarget(root);
        bool unified = modelType == SupportedModels.Unified;
        JsonSection text = unified
            ? root.Section("text_config") ?? throw root.Wrong("text_config", "an object", "absent", "restore the file that was published with the checkpoint.")
            : root;
        if (unified)
        {
            SupportedModels.CheckText(text);
        }

        VisionConfig? vision = root.Section("vision_config") is { } v ? ReadVision(v) : null;
        AudioConfig? audio = root.Section("audio_config") is { } a ? ReadAudio(a) : null;
        Gemma4Config config = new()
        {
            File = file,
            ModelType = modelType,
            VisionConfig = vision,
            AudioConfig = audio,
            QuantizationConfig = (root.Section("quantization_config") ?? text.Section("quantization_config")) is { } q ? QuantizationConfig.Read(q) : null,
            ImageTokenId = root.Whole("image_token_id", 258880),
            AudioTokenId = root.Whole("audio_token_id", 258881),
            VideoTokenId = root.Whole("video_token_id", 258884),
            BoiTokenId = root.Whole("boi_token_id", 255999),
            EoiTokenId = root.Whole("eoi_token_id", 258882),
            BoaTokenId = root.Whole("boa_token_id", 256000),
            EoaTokenIndex = root.Whole("eoa_token_index", root.Whole("eoa_token_id", 258883)),
        };
        config = (Gemma4Config)TextConfigReader.Fill(config, text, root, generation);
        Validate(config);

        // Last: its bounds are numbers of config.json, which are known to be right by now.
        return config with { Processor = ProcessorConfig.Read(processor, root, vision, audio) };
    }

    private static VisionConfig ReadVision(JsonSection section)
    {
        VisionConfig absent = new();
        int patchSize = section.Whole("patch_size", absent.PatchSize);
        int pooling = section.Whole("pooling_kernel_size", absent.PoolingKernelSize);
        int embedDim = section.Whole("mm_embed_dim", absent.MmEmbedDim);
        return new VisionConfig
        {
            PatchSize = patchSize,
            PoolingKernelSize = pooling,
            ModelPatchSize = section.Whole("model_patch_size", (int)Math.Clamp((long)patchSize * pooling, int.MinValue, int.MaxValue)),
            MmEmbedDim = embedDim,
            MmPosembSize = section.Whole("mm_posemb_size", absent.MmPosembSize),
            NumSoftTokens = section.Whole("num_soft_tokens", absent.NumSoftTokens),
            OutputProjDims = section.Whole("output_proj_dims", embedDim),
            RmsNormEps = (float)section.Number("rms_norm_eps", absent.RmsNormEps),
        };
    }

    private static AudioConfig ReadAudio(JsonSection section)
    {
        AudioConfig absent = new();
        return new AudioConfig
        {
            AudioSamplesPerToken = section.Whole("audio_samples_per_token", absent.AudioSamplesPerToken),
            AudioEmbedDim = section.Whole("audio_embed_dim", absent.AudioEmbedDim),
            RmsNormEps = (float)section.Number("rms_norm_eps", absent.RmsNormEps),
        };
    }
}
