using System;
using System.Globalization;
using System.IO;
using System.Linq;
using GemmaVk.Model;

namespace GemmaVk.Weights.Gguf.Writing;

/// <summary>A configuration as metadata of GGUF, under the keys that llama.cpp's converter writes and its loader reads.</summary>
internal static class GgufDescription
{
    /// <summary>Key of this project's own: the place of a sound where nobody says one.</summary>
    public const string AudioBeforeText = "gemmavk.audio_before_text";

    /// <summary>A target.</summary>
    public static GgufPairs Of(Gemma4Config config, TokenizerLists tokenizer, uint fileType, string name)
    {
        GgufPairs pairs = General(GgufArchitecture.Target, "model", fileType, name);
        GenerationConfig draw = config.Generation;
        pairs.Add("general.sampling.top_k", draw.TopK);
        pairs.Add("general.sampling.top_p", draw.TopP);
        pairs.Add("general.sampling.temp", draw.DoSample ? draw.Temperature : 0f);
        AddText(pairs, GgufArchitecture.Target + ".", config);
        AddVocabulary(pairs, tokenizer);
        if (draw.SuppressTokens.Count > 0)
        {
            pairs.Add("tokenizer.ggml.suppress_tokens", (ReadOnlySpan<int>)[.. draw.SuppressTokens]);
        }

        string template = Path.Combine(Path.GetDirectoryName(config.File) ?? "", "chat_template.jinja");
        if (OutputTarget.IsOrdinary(template) && new FileInfo(template).Length < 1 << 20)
        {
            pairs.Add("tokenizer.chat_template", File.ReadAllText(template));
        }

        return pairs;
    }

    /// <summary>A drafter, with the vocabulary of its target.</summary>
    public static GgufPairs Of(DrafterConfig config, TokenizerLists tokenizer, uint fileType, string name)
    {
        GgufPairs pairs = General(GgufArchitecture.Drafter, "model", fileType, name);
        AddText(pairs, GgufArchitecture.Drafter + ".", config);
        pairs.Add(GgufArchitecture.Drafter + ".embedding_length_out", config.BackboneHiddenSize);
        pairs.Add(GgufArchitecture.Drafter + ".nextn_predict_layers", config.NumHiddenLayers);
        AddVocabulary(pairs, tokenizer);
        return pairs;
    }

    /// <summary>The projector of a target.</summary>
    public static GgufPairs Projector(Gemma4Config config, uint fileType, string name)
    {
        GgufPairs pairs = General(GgufArchitecture.Projector, "mmproj", fileType, name);
        pairs.Add("clip.has_vision_encoder", config.VisionConfig is not null);
        pairs.Add("clip.has_audio_encoder", config.AudioConfig is not null);
        if (config.VisionConfig is { } vision)
        {
            pairs.Add("clip.vision.projector_type", "gemma4uv");
            pairs.Add("clip.vision.projection_dim", config.HiddenSize);
            pairs.Add("clip.vision.image_size", 224);
            pairs.Add("clip.vision.patch_size", vision.PatchSize);
            pairs.Add("clip.vision.embedding_length", vision.MmEmbedDim);
            pairs.Add("clip.vision.feed_forward_length", 0);
            pairs.Add("clip.vision.block_count", 0);
            pairs.Add("clip.vision.attention.head_count", 0);
            pairs.Add("clip.vision.image_mean", (ReadOnlySpan<float>)[0, 0, 0]);
            pairs.Add("clip.vision.image_std", (ReadOnlySpan<float>)[1, 1, 1]);
            pairs.Add("clip.vision.attention.layer_norm_epsilon", vision.RmsNormEps);
            pairs.Add("clip.vision.image_max_pixels", vision.ModelPatchSize * vision.ModelPatchSize * config.Processor.ImageMaxSoftTokens);
        }

        if (config.AudioConfig is { } audio)
        {
            pairs.Add("clip.audio.projector_type", "gemma4ua");
            pairs.Add("clip.audio.projection_dim", config.HiddenSize);
            pairs.Add("clip.audio.embedding_length", audio.AudioEmbedDim);
            pairs.Add("clip.audio.feed_forward_length", 0);
            pairs.Add("clip.audio.block_count", 0);
            pairs.Add("clip.audio.attention.head_count", 0);
            pairs.Add("clip.audio.num_mel_bins", 128);
            pairs.Add("clip.audio.attention.layer_norm_epsilon", audio.RmsNormEps);
            pairs.Add(AudioBeforeText, config.Processor.AudioBeforeText);
        }

        return pairs;
    }

    private static GgufPairs General(string architecture, string type, uint fileType, string name)
    {
        GgufPairs pairs = new();
        pairs.Add("general.architecture", architecture);
        pairs.Add("general.type", type);
        pairs.Add("general.name", name);
        pairs.Add("general.file_type", fileType);
        pairs.Add("general.quantization_version", 2);
        return pairs;
    }

    private static void AddText(GgufPairs pairs, string prefix, Gemma4TextConfig config)
    {
        int[] heads = [.. config.LayerTypes.Select(kind => kind == LayerKind.Full && config.AttentionKEqV ? config.NumGlobalKeyValueHeads : config.NumKeyValueHeads)];
        pairs.Add(prefix + "block_count", config.NumHiddenLayers);
        pairs.Add(prefix + "context_length", config.MaxPositionEmbeddings);
        pairs.Add(prefix + "embedding_length", config.HiddenSize);
        pairs.Add(prefix + "feed_forward_length", config.IntermediateSize);
        pairs.Add(prefix + "attention.head_count", config.NumAttentionHeads);
        pairs.Add(prefix + "attention.head_count_kv", (ReadOnlySpan<int>)heads);
        pairs.Add(prefix + "rope.freq_base", (float)config.FullRopeTheta);
        pairs.Add(prefix + "rope.freq_base_swa", (float)config.SlidingRopeTheta);
        pairs.Add(prefix + "attention.layer_norm_rms_epsilon", config.RmsNormEps);
        pairs.Add(prefix + "attention.key_length", config.GlobalHeadDim);
        pairs.Add(prefix + "attention.value_length", config.GlobalHeadDim);
        pairs.Add(prefix + "attention.key_length_swa", config.HeadDim);
        pairs.Add(prefix + "attention.value_length_swa", config.HeadDim);
        if (config.FinalLogitSoftcapping is { } cap)
        {
            pairs.Add(prefix + "final_logit_softcapping", cap);
        }

        pairs.Add(prefix + "attention.sliding_window", config.SlidingWindow);
        pairs.Add(prefix + "attention.shared_kv_layers", config.NumKvSharedLayers);
        pairs.Add(prefix + "embedding_length_per_layer_input", 0);
        pairs.Add(prefix + "attention.sliding_window_pattern", (ReadOnlySpan<bool>)[.. config.LayerTypes.Select(kind => kind == LayerKind.Sliding)]);
        pairs.Add(prefix + "rope.dimension_count", config.GlobalHeadDim);
        pairs.Add(prefix + "rope.dimension_count_swa", config.HeadDim);
    }

    private static void AddVocabulary(GgufPairs pairs, TokenizerLists tokenizer)
    {
        pairs.Add("tokenizer.ggml.model", "gemma4");
        pairs.Add("tokenizer.ggml.tokens", tokenizer.Tokens);
        pairs.Add("tokenizer.ggml.scores", (ReadOnlySpan<float>)[.. Enumerable.Repeat(-1000f, tokenizer.Tokens.Length)]);
        pairs.Add("tokenizer.ggml.token_type", (ReadOnlySpan<int>)tokenizer.Kinds);
        pairs.Add("tokenizer.ggml.merges", tokenizer.Merges);
        foreach ((string key, string spelling) in ((string, string)[])[("bos", "<bos>"), ("eos", "<eos>"), ("unknown", "<unk>"), ("padding", "<pad>"), ("mask", "<mask>")])
        {
            if (tokenizer.Find(spelling) is { } id)
            {
                pairs.Add(string.Create(CultureInfo.InvariantCulture, $"tokenizer.ggml.{key}_token_id"), id);
            }
        }

        pairs.Add("tokenizer.ggml.add_space_prefix", false);
        pairs.Add("tokenizer.ggml.add_bos_token", true);
    }
}
