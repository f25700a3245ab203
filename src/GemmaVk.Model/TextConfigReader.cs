using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace GemmaVk.Model;

/// <summary>Reads <c>text_config</c> and generation_config.json into the record that target and drafter share.</summary>
internal static class TextConfigReader
{
    private const string Restore = "restore the file that was published with the checkpoint.";

    // The end-of-text, end-of-turn and tool-hand-over tokens of the released vocabulary: some re-uploads forget the last.
    private static readonly int[] ReleasedStops = [1, 106, 50];
    private const int ReleasedVocabSize = 262144;

    /// <summary>A copy of <paramref name="config"/> with the keys of <paramref name="text"/> filled in.</summary>
    public static Gemma4TextConfig Fill(Gemma4TextConfig config, JsonSection text, JsonSection root, JsonSection? generation)
    {
        int layers = text.Whole("num_hidden_layers", config.NumHiddenLayers);
        int vocabSize = text.Whole("vocab_size", config.VocabSize);
        JsonSection? rope = text.Section("rope_parameters");
        JsonSection? sliding = rope?.Section("sliding_attention");
        JsonSection? full = rope?.Section("full_attention");
        CheckRope(sliding, "default");
        CheckRope(full, "proportional");
        RefuseWhatIsNotGemma12B(text);
        IReadOnlyList<LayerKind> kinds = ReadLayerTypes(text, layers);
        int headDim = text.Whole("head_dim", config.HeadDim);
        int heads = text.Whole("num_key_value_heads", config.NumKeyValueHeads);
        (int? globalHeadDim, int? globalHeads) = ReadPerLayer(text, kinds, headDim, heads);

        return config with
        {
            HiddenSize = text.Whole("hidden_size", config.HiddenSize),
            IntermediateSize = text.Whole("intermediate_size", config.IntermediateSize),
            NumHiddenLayers = layers,
            NumAttentionHeads = text.Whole("num_attention_heads", config.NumAttentionHeads),
            NumKeyValueHeads = heads,
            HeadDim = headDim,
            GlobalHeadDim = text.WholeOrNull("global_head_dim") ?? globalHeadDim ?? config.GlobalHeadDim,
            NumGlobalKeyValueHeads = text.WholeOrNull("num_global_key_value_heads") ?? globalHeads ?? config.NumGlobalKeyValueHeads,
            SlidingWindow = text.Whole("sliding_window", config.SlidingWindow),
            MaxPositionEmbeddings = text.Whole("max_position_embeddings", config.MaxPositionEmbeddings),
            VocabSize = vocabSize,
            LayerTypes = kinds,
            AttentionKEqV = text.Flag("attention_k_eq_v", config.AttentionKEqV),
            FinalLogitSoftcapping = ReadSoftcap(text, config.FinalLogitSoftcapping),
            RmsNormEps = (float)text.Number("rms_norm_eps", config.RmsNormEps),
            SlidingRopeTheta = sliding?.Number("rope_theta", config.SlidingRopeTheta) ?? config.SlidingRopeTheta,
            FullRopeTheta = full?.Number("rope_theta", config.FullRopeTheta) ?? config.FullRopeTheta,
            PartialRotaryFactor = full?.Number("partial_rotary_factor", config.PartialRotaryFactor) ?? config.PartialRotaryFactor,
            BidirectionalVision = ReadBidirectional(text),
            NumKvSharedLayers = text.Whole("num_kv_shared_layers", config.NumKvSharedLayers),
            TieWordEmbeddings = text.Flag("tie_word_embeddings", root.Flag("tie_word_embeddings", true)),
            BosTokenId = text.Whole("bos_token_id", config.BosTokenId),
            PadTokenId = text.Whole("pad_token_id", config.PadTokenId),
            EosTokenId = ReadStops(text, root, generation, vocabSize),
            Generation = GenerationConfigReader.Read(generation, vocabSize),
        };
    }

    private static float? ReadSoftcap(JsonSection text, float? absent)
    {
        // A JSON null means no cap, and so does an absent key in a drafter.
        double? value = text.NumberOrNull("final_logit_softcapping");
        return value is null ? absent is null || text.IsNull("final_logit_softcapping") ? null : absent : (float)value;
    }

    private static bool ReadBidirectional(JsonSection text)
    {
        string? value = text.Text("use_bidirectional_attention");
        return value switch
        {
            "vision" => true,
            null => !text.IsNull("use_bidirectional_attention"),
            _ => throw text.Wrong("use_bidirectional_attention", "\"vision\" or null", $"\"{value}\"", "other masks are not implemented; use a released Gemma 4 12B checkpoint."),
        };
    }

    private static void RefuseWhatIsNotGemma12B(JsonSection text)
    {
        const string Remedy = "only the dense 12B is implemented; use a gemma4_unified 12B checkpoint.";
        foreach (string flag in (ReadOnlySpan<string>)["enable_moe_block", "use_double_wide_mlp", "attention_bias"])
        {
            if (text.Flag(flag, false))
            {
                throw text.Wrong(flag, "false", "true", Remedy);
            }
        }

        if (text.Whole("hidden_size_per_layer_input", 0) is var width and not 0)
        {
            throw text.Wrong("hidden_size_per_layer_input", "0", width.ToString(CultureInfo.InvariantCulture), Remedy);
        }

        if (text.Text("hidden_activation") is { } activation and not "gelu_pytorch_tanh")
        {
            throw text.Wrong("hidden_activation", "\"gelu_pytorch_tanh\"", $"\"{activation}\"", Remedy);
        }
    }

    private static void CheckRope(JsonSection? rope, string expected)
    {
        if (rope is not { } section)
        {
            return;
        }

        if (section.Text("rope_type") is { } type && type != expected)
        {
            throw section.Wrong("rope_type", $"\"{expected}\"", $"\"{type}\"", "other rotations are not implemented; use a released Gemma 4 12B checkpoint.");
        }

        if (section.Number("factor", 1) is var factor and not 1)
        {
            throw section.Wrong("factor", "1", factor.ToString(CultureInfo.InvariantCulture), "stretched rotations are not implemented; use a released Gemma 4 12B checkpoint.");
        }

        if (expected == "default" && section.Number("partial_rotary_factor", 1) is var share and not 1)
        {
            throw section.Wrong("partial_rotary_factor", "1", share.ToString(CultureInfo.InvariantCulture), "sliding layers rotate their whole head; " + Restore);
        }
    }

    private static IReadOnlyList<LayerKind> ReadLayerTypes(JsonSection text, int layers)
    {
        if (text.Texts("layer_types") is not { } names)
        {
            // Released pattern: five sliding layers, then a full one; the last layer is always full.
            const int LongestPattern = 4096;
            return layers is > 0 and <= LongestPattern
                ? [.. Enumerable.Range(0, layers).Select(i => i % 6 == 5 || i == layers - 1 ? LayerKind.Full : LayerKind.Sliding)]
                : throw text.Wrong("num_hidden_layers", $"between 1 and {LongestPattern}", layers.ToString(CultureInfo.InvariantCulture), Restore);
        }

        if (names.Count != layers)
        {
            throw text.Wrong("layer_types", $"a list of num_hidden_layers = {layers} entries", $"a list of {names.Count}", Restore);
        }

        LayerKind[] kinds = new LayerKind[layers];
        for (int i = 0; i < layers; i++)
        {
            kinds[i] = names[i] switch
            {
                "sliding_attention" => LayerKind.Sliding,
                "full_attention" => LayerKind.Full,
                _ => throw text.Wrong("layer_types", "a list of \"sliding_attention\" and \"full_attention\"", $"a list with \"{names[i]}\"", Restore),
            };
        }

        return kinds;
    }

    private static (int? HeadDim, int? Heads) ReadPerLayer(JsonSection text, IReadOnlyList<LayerKind> kinds, int headDim, int heads)
    {
        if (text.Section("per_layer_config") is not { } map)
        {
            return (null, null);
        }

        int?[] widths = new int?[kinds.Count];
        int?[] counts = new int?[kinds.Count];
        foreach ((string name, JsonSection layer) in map.Sections())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= kinds.Count)
            {
                throw text.Wrong("per_layer_config", $"a map from layer numbers 0 .. {kinds.Count - 1}", $"a map with \"{name}\"", Restore);
            }

            widths[index] = layer.WholeOrNull("head_dim");
            counts[index] = layer.WholeOrNull("num_key_value_heads");
        }

        (int W, int K)? global = null;
        for (int i = 0; i < kinds.Count; i++)
        {
            (int W, int K) own = (widths[i] ?? headDim, counts[i] ?? heads);
            (int W, int K) expected = kinds[i] == LayerKind.Sliding ? (headDim, heads) : global ?? own;
            if (own != expected)
            {
                throw text.Wrong($"per_layer_config.{i}", $"like the other layers of its kind: head_dim {expected.W}, num_key_value_heads {expected.K}", $"head_dim {own.W}, num_key_value_heads {own.K}", Restore);
            }

            global = kinds[i] == LayerKind.Full ? own : global;
        }

        return (global?.W, global?.K);
    }

    private static IReadOnlyList<int> ReadStops(JsonSection text, JsonSection root, JsonSection? generation, int vocabSize)
    {
        List<int> stops = [];
        JsonSection?[] sections = [text, root, generation];
        foreach (JsonSection? section in sections)
        {
            foreach (int id in section?.Wholes("eos_token_id") ?? [])
            {
                CheckToken(section!.Value, "eos_token_id", id, vocabSize);
                stops.Add(id);
            }
        }

        if (vocabSize == ReleasedVocabSize)
        {
            stops.AddRange(ReleasedStops);
        }

        stops.Sort();
        return [.. stops.Where((id, i) => i == 0 || id != stops[i - 1])];
    }

    internal static void CheckToken(JsonSection section, string key, int id, int vocabSize)
    {
        if (id < 0 || id >= vocabSize)
        {
            throw section.Wrong(key, $"a token id below vocab_size {vocabSize}", id.ToString(CultureInfo.InvariantCulture), Restore);
        }
    }
}
