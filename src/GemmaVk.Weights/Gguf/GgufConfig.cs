using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

// Letters: W head width.

/// <summary>
/// The configuration that a GGUF file's metadata describes, in the words of config.json: from there on a model is read, checked and run as if it came
/// from a folder. Keys are those that llama.cpp's converter writes for gemma4 and gemma4-assistant; what the published model alone knows is the
/// published model's.
/// </summary>
/// <param name="metadata">The metadata.</param>
/// <param name="tensors">All tensors of the model, by GGUF's names.</param>
internal sealed class GgufConfig(GgufMetadata metadata, IReadOnlyDictionary<string, (TensorFile File, FileTensor Tensor)> tensors)
{
    private readonly string _prefix = metadata.Text("general.architecture") + ".";

    /// <summary><c>text_config</c>.</summary>
    /// <param name="vocabSize">Tokens of the vocabulary.</param>
    public JsonObject Text(int vocabSize)
    {
        int layers = Required("block_count");
        bool[] sliding = Sliding(layers);
        int[] heads = PerLayer("attention.head_count_kv", layers);
        Refuse("expert_count", 0, "only the dense 12B is implemented; use the GGUF of a Gemma 4 12B.");
        Refuse("embedding_length_per_layer_input", 0, "only the dense 12B is implemented; use the GGUF of a Gemma 4 12B.");
        int wide = Required("attention.key_length"), narrow = metadata.Whole(_prefix + "attention.key_length_swa") ?? wide;
        Equal("attention.value_length", wide);
        Equal("attention.value_length_swa", narrow);
        Equal("rope.dimension_count", wide);
        Equal("rope.dimension_count_swa", narrow);
        CheckScaling();
        CheckEmbedding(vocabSize);
        return new JsonObject
        {
            ["model_type"] = "gemma4_unified_text",
            ["hidden_size"] = Required("embedding_length"),
            ["intermediate_size"] = One("feed_forward_length", layers),
            ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = One("attention.head_count", layers),
            ["num_key_value_heads"] = Common(heads, sliding, true) ?? heads[0],
            ["num_global_key_value_heads"] = Common(heads, sliding, false) ?? heads[0],
            ["head_dim"] = narrow,
            ["global_head_dim"] = wide,
            ["sliding_window"] = Required("attention.sliding_window"),
            ["max_position_embeddings"] = Required("context_length"),
            ["vocab_size"] = vocabSize,
            ["vocab_size_per_layer_input"] = vocabSize,
            ["hidden_size_per_layer_input"] = 0,
            ["layer_types"] = new JsonArray([.. sliding.Select(own => (JsonNode)(own ? "sliding_attention" : "full_attention"))]),
            ["attention_k_eq_v"] = !HasValues(sliding),
            ["attention_bias"] = false,
            ["hidden_activation"] = "gelu_pytorch_tanh",
            ["final_logit_softcapping"] = metadata.Number(_prefix + "final_logit_softcapping") is { } cap ? (float)cap : null,
            ["rms_norm_eps"] = Single("attention.layer_norm_rms_epsilon"),
            ["rope_parameters"] = new JsonObject
            {
                ["full_attention"] = new JsonObject
                {
                    ["rope_type"] = "proportional",
                    ["rope_theta"] = Single("rope.freq_base"),
                    ["partial_rotary_factor"] = RotaryFactor(wide),
                },
                ["sliding_attention"] = new JsonObject
                {
                    ["rope_type"] = "default",
                    ["rope_theta"] = metadata.Has(_prefix + "rope.freq_base_swa") ? Single("rope.freq_base_swa") : Single("rope.freq_base"),
                },
            },
            ["use_bidirectional_attention"] = "vision",
            ["num_kv_shared_layers"] = metadata.Whole(_prefix + "attention.shared_kv_layers") ?? 0,
            ["use_double_wide_mlp"] = false,
            ["enable_moe_block"] = false,
            ["tie_word_embeddings"] = true,
            ["bos_token_id"] = metadata.Whole("tokenizer.ggml.bos_token_id") ?? 2,
            ["eos_token_id"] = metadata.Whole("tokenizer.ggml.eos_token_id") ?? 1,
            ["pad_token_id"] = metadata.Whole("tokenizer.ggml.padding_token_id") ?? 0,
        };
    }

    /// <summary>config.json of a drafter.</summary>
    public JsonObject DrafterRoot(int vocabSize) => new()
    {
        ["architectures"] = new JsonArray("Gemma4UnifiedAssistantForCausalLM"),
        ["model_type"] = "gemma4_unified_assistant",
        ["backbone_hidden_size"] = Required("embedding_length_out"),
        ["tie_word_embeddings"] = true,
        ["use_ordered_embeddings"] = false,
        ["text_config"] = Text(vocabSize),
    };

    /// <summary>config.json of a target without its media.</summary>
    /// <param name="vocabulary">The vocabulary, which has the tokens that stand for media.</param>
    public JsonObject TargetRoot(GgufVocabulary vocabulary)
    {
        JsonObject root = new()
        {
            ["architectures"] = new JsonArray("Gemma4UnifiedForConditionalGeneration"),
            ["model_type"] = "gemma4_unified",
            ["dtype"] = "bfloat16",
            ["tie_word_embeddings"] = true,
            ["text_config"] = Text(vocabulary.Count),
        };
        foreach ((string key, int id) in vocabulary.Media)
        {
            root[key] = id;
        }

        return root;
    }

    /// <summary>generation_config.json: the draw that the publisher recommends, what ends an answer and what is never written.</summary>
    public JsonObject Generation(GgufVocabulary vocabulary)
    {
        JsonObject generation = new() { ["do_sample"] = true };
        Copy("general.sampling.temp", "temperature");
        Copy("general.sampling.top_p", "top_p");
        Copy("general.sampling.min_p", "min_p");
        if (metadata.Whole("general.sampling.top_k") is { } k)
        {
            generation["top_k"] = k;
        }

        generation["bos_token_id"] = metadata.Whole("tokenizer.ggml.bos_token_id") ?? 2;
        generation["pad_token_id"] = metadata.Whole("tokenizer.ggml.padding_token_id") ?? 0;
        // The file names one end of a text; the end of a turn and the hand-over to a tool are known by their spelling.
        int?[] stops = [metadata.Whole("tokenizer.ggml.eos_token_id") ?? 1, metadata.Whole("tokenizer.ggml.eot_token_id"), vocabulary.Find("<turn|>"), vocabulary.Find("<|tool_response>")];
        generation["eos_token_id"] = new JsonArray([.. stops.OfType<int>().Distinct().Select(id => (JsonNode)id)]);
        int?[] suppressed = metadata.Wholes("tokenizer.ggml.suppress_tokens") is { } given ? [.. given] : [vocabulary.Find("<audio|>"), vocabulary.Find("<image|>")];
        generation["suppress_tokens"] = new JsonArray([.. suppressed.OfType<int>().Select(id => (JsonNode)id)]);
        return generation;

        void Copy(string key, string name)
        {
            if (metadata.Number(key) is { } number)
            {
                generation[name] = (float)number;
            }
        }
    }

    private bool[] Sliding(int layers)
    {
        const int MostLayers = 4096;
        if (layers is < 1 or > MostLayers)
        {
            throw metadata.Wrong(_prefix + "block_count", $"between 1 and {MostLayers}", Words(layers));
        }

        string key = _prefix + "attention.sliding_window_pattern";
        if (metadata.Has(key) && !metadata.IsList(key))
        {
            int period = metadata.RequiredWhole(key);
            return period is > 1 and <= MostLayers ? [.. Enumerable.Range(0, layers).Select(i => i % period != period - 1)] : throw metadata.Wrong(key, "a list with a flag per layer, or a period of 2 or more", Words(period));
        }

        int[] flags = metadata.Wholes(key) ?? throw metadata.Wrong(key, "a list with a flag per layer", "absent");
        return flags.Length == layers ? [.. flags.Select(flag => flag != 0)] : throw metadata.Wrong(key, $"a list of block_count = {layers} flags", $"one of {flags.Length}");
    }

    private int[] PerLayer(string name, int layers)
    {
        string key = _prefix + name;
        if (!metadata.IsList(key))
        {
            return [.. Enumerable.Repeat(metadata.RequiredWhole(key), layers)];
        }

        int[] list = metadata.Wholes(key)!;
        return list.Length == layers ? list : throw metadata.Wrong(key, $"a list of block_count = {layers} numbers", $"one of {list.Length}");
    }

    private int One(string name, int layers)
    {
        int[] list = PerLayer(name, layers);
        return list.All(own => own == list[0]) ? list[0] : throw metadata.Wrong(_prefix + name, "the same in every layer", $"a list with {list[0]} and {list.First(own => own != list[0])}");
    }

    /// <summary>The number that all layers of a kind have; null without such layers.</summary>
    private int? Common(int[] heads, bool[] sliding, bool kind)
    {
        int[] own = [.. heads.Where((_, i) => sliding[i] == kind).Distinct()];
        return own.Length > 1 ? throw metadata.Wrong(_prefix + "attention.head_count_kv", $"the same in every {(kind ? "sliding" : "full")} layer", $"a list with {own[0]} and {own[1]}") : own.Length == 0 ? null : own[0];
    }

    private bool HasValues(bool[] sliding)
    {
        int[] full = [.. Enumerable.Range(0, sliding.Length).Where(i => !sliding[i])];
        return full.Length > 0 && full.All(i => tensors.ContainsKey(GgufNames.Of(i, Model.LayerTensor.VProj)));
    }

    private double RotaryFactor(int W)
    {
        const float Still = 1e20f;
        if (!tensors.TryGetValue(GgufNames.RopeFreqs, out (TensorFile File, FileTensor Tensor) entry))
        {
            throw new GemmaVkException($"{metadata.Path} must hold {GgufNames.RopeFreqs}, which says how far full layers rotate, but does not; convert the model again with a current llama.cpp.");
        }

        ReadOnlySpan<float> factors = entry.Tensor.DType == "F32" && entry.Tensor.Extents.Count == 1 && entry.Tensor.Extents[0] == W / 2
            ? MemoryMarshal.Cast<byte, float>(entry.File.Bytes(entry.Tensor))
            : throw new GemmaVkException($"{entry.File.Path}: tensor {GgufNames.RopeFreqs} must be F32 [{W / 2}], half of key_length, but is {entry.Tensor.Kind}; {TensorFile.Remedy}");
        int turning = 0;
        while (turning < factors.Length && factors[turning] == 1)
        {
            turning++;
        }

        foreach (float factor in factors[turning..])
        {
            if (!(factor >= Still))
            {
                throw new GemmaVkException($"{entry.File.Path}: tensor {GgufNames.RopeFreqs} must be 1 for pairs that rotate and 1e30 for the others behind them, but holds {factor.ToString(CultureInfo.InvariantCulture)}; stretched rotations are not implemented.");
            }
        }

        return W == 0 ? 0 : 2.0 * turning / W;
    }

    private void CheckScaling()
    {
        string key = _prefix + "rope.scaling.type";
        if (metadata.Text(key) is { } type && type != "none")
        {
            throw metadata.Wrong(key, "absent or \"none\"", $"\"{type}\"");
        }

        key = _prefix + "attention.scale";
        if (metadata.Number(key) is { } scale && scale != 1)
        {
            throw metadata.Wrong(key, "absent or 1", scale.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void CheckEmbedding(int vocabSize)
    {
        if (tensors.TryGetValue(GgufNames.TokenEmbd, out (TensorFile File, FileTensor Tensor) entry) && entry.Tensor.Extents[0] != vocabSize)
        {
            throw new GemmaVkException(
                $"{entry.File.Path}: tensor {GgufNames.TokenEmbd} must have a row for each of the {vocabSize} tokens of tokenizer.ggml.tokens, but is {entry.Tensor.Kind}; the two belong to different models: convert or download the file again.");
        }
    }

    private int Required(string name) => metadata.RequiredWhole(_prefix + name);

    private float Single(string name) => (float)(metadata.Number(_prefix + name) ?? throw metadata.Wrong(_prefix + name, "a number", "absent"));

    private void Equal(string name, int expected)
    {
        if (metadata.Whole(_prefix + name) is { } actual && actual != expected)
        {
            throw metadata.Wrong(_prefix + name, Words(expected), Words(actual));
        }
    }

    private void Refuse(string name, int expected, string remedy)
    {
        if (metadata.Whole(_prefix + name) is { } actual && actual != expected)
        {
            throw new GemmaVkException($"{metadata.Path}: {_prefix}{name} must be {expected}, but is {actual}; {remedy}");
        }
    }

    private static string Words(int value) => value.ToString(CultureInfo.InvariantCulture);
}
