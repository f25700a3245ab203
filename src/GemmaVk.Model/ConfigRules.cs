using System;
using System.Globalization;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

// Letters: D hidden size, F FFN size, H query heads, K KV heads, W head width, V vocabulary.

/// <summary>The rules every decoder stack obeys, target or drafter; each failure is one sentence.</summary>
internal readonly struct ConfigRules(Gemma4TextConfig config)
{
    private const string Restore = "restore the config.json that was published with the checkpoint.";
    private const int LargestSize = 1 << 20;

    // Beyond them a logit divided by the cap leaves float32 on one side or the other.
    private const float SmallestCap = 1e-20f;
    private const float LargestCap = 1e20f;
    private const int GroupSize = QuantBlocks.GroupSize;

    public void CheckStack()
    {
        Size("hidden_size", config.HiddenSize);
        Size("intermediate_size", config.IntermediateSize);
        Size("head_dim", config.HeadDim);
        Size("global_head_dim", config.GlobalHeadDim);
        Between("num_hidden_layers", config.NumHiddenLayers, 1, 4096);
        Between("num_attention_heads", config.NumAttentionHeads, 1, 4096);
        Between("num_key_value_heads", config.NumKeyValueHeads, 1, 4096);
        Between("num_global_key_value_heads", config.NumGlobalKeyValueHeads, 1, 4096);
        Between("vocab_size", config.VocabSize, 1, 1 << 28);
        Between("sliding_window", config.SlidingWindow, 1, 1 << 28);
        Between("max_position_embeddings", config.MaxPositionEmbeddings, 1, 1 << 28);
        Divides("num_key_value_heads", config.NumKeyValueHeads);
        Divides("num_global_key_value_heads", config.NumGlobalKeyValueHeads);
        Size("num_attention_heads * head_dim", (long)config.NumAttentionHeads * config.HeadDim);
        Size("num_attention_heads * global_head_dim", (long)config.NumAttentionHeads * config.GlobalHeadDim);
        Epsilon("rms_norm_eps", config.RmsNormEps);
        Positive("rope_parameters.sliding_attention.rope_theta", config.SlidingRopeTheta);
        Positive("rope_parameters.full_attention.rope_theta", config.FullRopeTheta);
        Require(
            config.PartialRotaryFactor is > 0 and <= 1, "rope_parameters.full_attention.partial_rotary_factor", "above 0 and at most 1", config.PartialRotaryFactor, Restore);
        Require(
            config.FinalLogitSoftcapping is null or (>= SmallestCap and <= LargestCap), "final_logit_softcapping", "above 0 or null, from 1e-20 to 1e20", config.FinalLogitSoftcapping ?? 0, Restore);
        Token("bos_token_id", config.BosTokenId);
        Token("pad_token_id", config.PadTokenId);
    }

    /// <summary>A width that matrices have: positive and made of whole groups, which all weight layouts rest on.</summary>
    public void Size(string key, long value) => Require(
        value > 0 && value <= LargestSize && value % GroupSize == 0, key, $"a positive multiple of {GroupSize} up to {LargestSize}", value, Restore);

    public void Between(string key, long value, long least, long most) =>
        Require(value >= least && value <= most, key, $"between {least} and {most}", value, Restore);

    public void Token(string key, int value) =>
        Require(value >= 0 && value < config.VocabSize, key, $"a token id below vocab_size {config.VocabSize}", value, Restore);

    public void Epsilon(string key, double value) =>
        Require(value is > 0 and < 1, key, "above 0 and below 1", value, Restore);

    public void Require(bool met, string key, string expected, IFormattable actual, string remedy) =>
        Require(met, key, expected, actual.ToString(null, CultureInfo.InvariantCulture), remedy);

    public void Require(bool met, string key, string expected, string actual, string remedy)
    {
        if (!met)
        {
            throw new GemmaVkException($"{config.File}: {key} must be {expected}, but is {actual}; {remedy}");
        }
    }

    private void Positive(string key, double value) =>
        Require(value > 1, key, "above 1", value, Restore);

    private void Divides(string key, int heads) => Require(
        config.NumAttentionHeads % heads == 0, key, $"a divisor of num_attention_heads = {config.NumAttentionHeads}", heads, Restore);
}
