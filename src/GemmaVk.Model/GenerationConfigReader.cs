using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>Reads generation_config.json: what is done, and what it asks for that is not.</summary>
internal static class GenerationConfigReader
{
    private const string Remedy = "correct the value, or take the key out for the default.";

    // Below it logits divided by the temperature leave float32.
    private const double SmallestTemperature = 1e-20;

    /// <summary>Keys that change an answer and are not followed, with the values at which they change nothing.</summary>
    private static readonly Dictionary<string, string[]> Unheeded = new()
    {
        ["repetition_penalty"] = ["1"],
        ["encoder_repetition_penalty"] = ["1"],
        ["frequency_penalty"] = ["0"],
        ["presence_penalty"] = ["0"],
        ["no_repeat_ngram_size"] = ["0"],
        ["encoder_no_repeat_ngram_size"] = ["0"],
        ["typical_p"] = ["1"],
        ["top_h"] = ["0", "1"],
        ["epsilon_cutoff"] = ["0"],
        ["eta_cutoff"] = ["0"],
        ["penalty_alpha"] = ["0"],
        ["guidance_scale"] = ["1"],
        ["num_beams"] = ["1"],
        ["num_return_sequences"] = ["1"],
        ["min_length"] = ["0"],
        ["min_new_tokens"] = ["0"],
        ["max_new_tokens"] = [],
        ["max_time"] = [],
        ["stop_strings"] = ["[]"],
        ["bad_words_ids"] = ["[]"],
        ["force_words_ids"] = ["[]"],
        ["constraints"] = ["[]"],
        ["sequence_bias"] = ["[]", "{}"],
        ["begin_suppress_tokens"] = ["[]"],
        ["forced_bos_token_id"] = [],
        ["forced_eos_token_id"] = [],
        ["forced_decoder_ids"] = ["[]"],
        ["exponential_decay_length_penalty"] = [],
        ["watermarking_config"] = ["{}"],
        ["dola_layers"] = [],

        // Those of other programs.
        ["logit_bias"] = ["[]", "{}"],
        ["xtc_probability"] = ["0"],
        ["dry_multiplier"] = ["0"],
        ["mirostat"] = ["0"],
    };

    /// <summary>The file's choices on top of those of the 12B.</summary>
    /// <exception cref="GemmaVkException">A value that cannot be meant; the sentence names file and key.</exception>
    public static GenerationConfig Read(JsonSection? section, int vocabSize)
    {
        GenerationConfig absent = new();
        if (section is not { } file)
        {
            return absent;
        }

        IReadOnlyList<int> suppressed = file.Wholes("suppress_tokens") ?? [];
        foreach (int id in suppressed)
        {
            TextConfigReader.CheckToken(file, "suppress_tokens", id, vocabSize);
        }

        GenerationConfig config = absent with { SuppressTokens = suppressed, Unheeded = [.. NotFollowed(file)] };
        if (!file.Flag("do_sample", absent.DoSample))
        {
            // Greedy: what the draw would have been does not matter, and files leave odd values there.
            return config with { DoSample = false };
        }

        double temperature = file.Number("temperature", absent.Temperature);
        Require(file, "temperature", temperature == 0 || temperature >= SmallestTemperature, "0 (greedy) or more, from 1e-20 on", temperature);

        // Other programs write -1, 0 and null for all tokens.
        int topK = file.IsNull("top_k") ? 0 : file.Whole("top_k", absent.TopK);
        Require(file, "top_k", topK >= -1, "a whole number of 1 or more, or 0, -1 or null for all", topK);
        double topP = file.IsNull("top_p") ? 1 : file.Number("top_p", absent.TopP);
        Require(file, "top_p", topP is >= 0 and <= 1, "from 0 to 1", topP);
        double minP = file.Number("min_p", 0);
        Require(file, "min_p", minP is >= 0 and < 1, "from 0 and below 1", minP);

        // No probability at all leaves the likeliest token.
        return config with
        {
            DoSample = topP > 0,
            Temperature = (float)temperature,
            TopK = Math.Max(0, topK),
            TopP = topP > 0 ? (float)topP : 1,
            MinP = (float)minP,
        };
    }

    private static void Require(JsonSection file, string key, bool met, string expected, double actual)
    {
        if (!met)
        {
            throw file.Wrong(key, expected, actual.ToString(CultureInfo.InvariantCulture), Remedy);
        }
    }

    private static IEnumerable<string> NotFollowed(JsonSection file) =>
        from pair in file.Given()
        where Unheeded.TryGetValue(pair.Key, out string[]? idle) && !idle.Contains(Plain(pair.Value)) && pair.Value != "false"
        select $"{pair.Key} {pair.Value}";

    /// <summary>1.0 is 1.</summary>
    private static string Plain(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number.ToString(CultureInfo.InvariantCulture) : value;
}
