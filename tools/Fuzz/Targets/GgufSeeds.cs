using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GemmaVk.Weights;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Gguf.Writing;

namespace GemmaVk.Fuzz.Targets;

/// <summary>The smallest GGUF files that are right: a model of two layers, its drafter, its projector, and one with a value of each type.</summary>
internal static class GgufSeeds
{
    // Rows of K-quants are blocks of 256, so the inner width is one of them.
    private const int Width = 32, Inner = 256, Layers = 2;

    private static readonly string[] Control =
    [
        "<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<|tool>", "<tool|>", "<|tool_call>", "<tool_call|>", "<|tool_response>", "<tool_response|>", "<|\"|>", "<|think|>",
        "<|channel>", "<channel|>", "<|turn>", "<turn|>", "<|image>", "<|image|>", "<image|>", "<|audio>", "<|audio|>", "<audio|>", "<|video|>",
    ];

    private static readonly string[] Words = ["a", "b", "ab", "\u2581", "\u2581a"];

    private static int Tokens => Control.Length + 256 + Words.Length;

    public static byte[] Model()
    {
        GgufPairs pairs = new();
        pairs.Add("general.architecture", "gemma4");
        pairs.Add("general.sampling.top_k", 64);
        pairs.Add("general.sampling.temp", 1f);
        AddText(pairs, "gemma4.", shared: 0);
        pairs.Add("gemma4.final_logit_softcapping", 30f);
        AddVocabulary(pairs);
        List<SafetensorsEntry> tensors = [new("rope_freqs.weight", "F32", [Width / 2]), new("token_embd.weight", "Q8_0", [Tokens, Width])];
        for (int i = 0; i < Layers; i++)
        {
            AddLayer(tensors, i, isDrafter: false, types: i == 0 ? ["Q4_0", "Q5_1", "MXFP4"] : ["Q8_0", "IQ4_NL", "BF16"], down: i == 0 ? "Q4_K" : "Q6_K");
        }

        tensors.Add(new("output_norm.weight", "F32", [Width]));
        return File(pairs, tensors);
    }

    public static byte[] Drafter()
    {
        GgufPairs pairs = new();
        pairs.Add("general.architecture", "gemma4-assistant");
        AddText(pairs, "gemma4-assistant.", shared: Layers);
        pairs.Add("gemma4-assistant.embedding_length_out", Width);
        pairs.Add("tokenizer.ggml.tokens", [.. Enumerable.Range(0, Tokens).Select(i => Encoding.UTF8.GetBytes($"{i}"))]);
        List<SafetensorsEntry> tensors = [new("rope_freqs.weight", "F32", [Width / 2]), new("token_embd.weight", "BF16", [Tokens, Width])];
        for (int i = 0; i < Layers; i++)
        {
            AddLayer(tensors, i, isDrafter: true, types: ["BF16", "F16", "F32"], down: i == 0 ? "Q5_K" : "Q3_K");
        }

        tensors.Add(new("output_norm.weight", "F32", [Width]));
        tensors.Add(new("nextn.pre_projection.weight", "Q4_1", [Width, 2 * Width]));
        tensors.Add(new("nextn.post_projection.weight", "Q5_0", [Width, Width]));
        return File(pairs, tensors);
    }

    public static byte[] Projector()
    {
        GgufPairs pairs = new();
        pairs.Add("general.architecture", "clip");
        pairs.Add("clip.has_vision_encoder", true);
        pairs.Add("clip.has_audio_encoder", true);
        pairs.Add("clip.vision.projector_type", "gemma4uv");
        pairs.Add("clip.audio.projector_type", "gemma4ua");
        pairs.Add("clip.vision.projection_dim", Width);
        pairs.Add("clip.audio.projection_dim", Width);
        pairs.Add("clip.vision.patch_size", 4);
        pairs.Add("clip.audio.embedding_length", 64);
        pairs.Add("clip.vision.image_mean", (ReadOnlySpan<float>)[0, 0, 0]);
        pairs.Add("clip.vision.image_std", (ReadOnlySpan<float>)[1, 1, 1]);
        pairs.Add("clip.vision.attention.layer_norm_epsilon", 1e-6f);
        return File(
            pairs,
            [
                new("mm.a.input_projection.weight", "BF16", [Width, 64]), new("mm.input_projection.weight", "BF16", [Width, Width]), new("v.patch_embd.bias", "F32", [Width]),
                new("v.patch_embd.weight", "F32", [Width, 192]), new("v.patch_norm.1.bias", "F32", [192]), new("v.patch_norm.1.weight", "F32", [192]), new("v.patch_norm.2.bias", "F32", [Width]),
                new("v.patch_norm.2.weight", "F32", [Width]), new("v.position_embd.weight", "F32", [2, 8, Width]), new("v.patch_norm.3.bias", "F32", [Width]), new("v.patch_norm.3.weight", "F32", [Width]),
            ]);
    }

    /// <summary>No model, and so refused; its values are of every kind.</summary>
    public static byte[] Values()
    {
        GgufPairs pairs = new();
        pairs.Add("general.architecture", "llama");
        pairs.Add("general.alignment", 64);
        pairs.Add("a", (ReadOnlySpan<bool>)[true, false]);
        pairs.Add("b", (ReadOnlySpan<int>)[1, -1]);
        pairs.Add("c", [[], Encoding.UTF8.GetBytes("\u00E9")]);
        return File(pairs, []);
    }

    private static void AddText(GgufPairs pairs, string prefix, int shared)
    {
        foreach ((string key, int value) in ((string, int)[])
        [
            ("block_count", Layers), ("context_length", 128), ("embedding_length", Width), ("feed_forward_length", Inner), ("attention.head_count", 1), ("attention.key_length", Width),
            ("attention.value_length", Width), ("attention.key_length_swa", Width), ("attention.sliding_window", 16), ("attention.shared_kv_layers", shared), ("rope.dimension_count", Width),
        ])
        {
            pairs.Add(prefix + key, value);
        }

        pairs.Add(prefix + "attention.head_count_kv", (ReadOnlySpan<int>)[1, 1]);
        pairs.Add(prefix + "attention.sliding_window_pattern", (ReadOnlySpan<bool>)[true, false]);
        pairs.Add(prefix + "attention.layer_norm_rms_epsilon", 1e-6f);
        pairs.Add(prefix + "rope.freq_base", 1e6f);
        pairs.Add(prefix + "rope.freq_base_swa", 1e4f);
    }

    private static void AddVocabulary(GgufPairs pairs)
    {
        pairs.Add("tokenizer.ggml.model", "gemma4");
        string[] all = [.. Control, .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), .. Words];
        pairs.Add("tokenizer.ggml.tokens", [.. all.Select(Encoding.UTF8.GetBytes)]);
        pairs.Add("tokenizer.ggml.token_type", (ReadOnlySpan<int>)[.. all.Select((_, i) => i < Control.Length ? 3 : i < Control.Length + 256 ? 6 : 1)]);
        pairs.Add("tokenizer.ggml.merges", [.. ((string[])["a b", "\u2581 a"]).Select(Encoding.UTF8.GetBytes)]);
        pairs.Add("tokenizer.ggml.eos_token_id", 1);
        pairs.Add("tokenizer.ggml.add_space_prefix", false);
        pairs.Add("tokenizer.ggml.suppress_tokens", (ReadOnlySpan<int>)[19, 22]);
    }

    private static void AddLayer(List<SafetensorsEntry> tensors, int layer, bool isDrafter, string[] types, string down)
    {
        foreach (string norm in (string[])["attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm", "attn_q_norm", .. isDrafter ? Array.Empty<string>() : ["attn_k_norm"]])
        {
            tensors.Add(new($"blk.{layer}.{norm}.weight", "F32", [Width]));
        }

        tensors.Add(new($"blk.{layer}.layer_output_scale.weight", "F32", [1]));
        string[] matrices = ["attn_q", "attn_output", "ffn_gate", "ffn_up", "ffn_down", .. isDrafter ? Array.Empty<string>() : layer == 0 ? ["attn_k", "attn_v"] : ["attn_k"]];
        for (int i = 0; i < matrices.Length; i++)
        {
            string type = matrices[i] == "ffn_down" ? down : types[i % types.Length];
            tensors.Add(new($"blk.{layer}.{matrices[i]}.weight", type, [matrices[i] is "ffn_gate" or "ffn_up" ? Inner : Width, matrices[i] == "ffn_down" ? Inner : Width]));
        }
    }

    private static byte[] File(GgufPairs pairs, List<SafetensorsEntry> tensors)
    {
        Dictionary<string, (long Offset, long Bytes)> places = [];
        byte[] header = GgufWriter.Header(pairs, tensors, places, out long length);
        byte[] file = new byte[length];
        header.CopyTo(file, 0);
        // How far full layers rotate; all else is zero.
        if (places.TryGetValue("rope_freqs.weight", out (long Offset, long Bytes) rope))
        {
            for (int i = 0; i < rope.Bytes / sizeof(float); i++)
            {
                BitConverter.TryWriteBytes(file.AsSpan((int)rope.Offset + (4 * i)), i < 4 ? 1f : 1e30f);
            }
        }

        return file;
    }
}
