using System;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Model.Tests;

public class BadConfigTests
{
    /// <summary>Where a value stands in the tiny config, what replaces it (JSON, or null to remove it), and words of the sentence.</summary>
    public static TheoryData<string, string?, string> BadValues => new()
    {
        { "model_type", "\"gemma3\"", "model_type must be gemma4_unified or gemma4_unified_text, but is \"gemma3\"" },
        { "model_type", null, "but is absent" },
        { "model_type", "3", "must be a string, but is 3" },
        { "architectures", "[\"LlamaForCausalLM\"]", "architectures must be [\"Gemma4UnifiedForConditionalGeneration\"], but is [\"LlamaForCausalLM\"]" },
        { "text_config", null, "text_config must be an object, but is absent" },
        { "text_config", "[]", "must be a JSON object, but is a list" },
        { "text_config.model_type", "\"gemma4_text\"", "text_config.model_type must be gemma4_unified_text" },
        { "text_config.hidden_size", "0", "hidden_size must be a positive multiple of 32" },
        { "text_config.hidden_size", "-96", "but is -96" },
        { "text_config.hidden_size", "97", "but is 97" },
        { "text_config.hidden_size", "96.5", "text_config.hidden_size must be a whole number" },
        { "text_config.hidden_size", "1e300", "must be a whole number" },
        { "text_config.hidden_size", "\"96\"", "must be a whole number" },
        { "text_config.hidden_size", "2147483616", "up to 1048576" },
        { "text_config.intermediate_size", "33", "intermediate_size" },
        { "text_config.head_dim", "48", "head_dim must be a positive multiple of 32" },
        { "text_config.global_head_dim", "0", "global_head_dim" },
        { "text_config.num_key_value_heads", "3", "num_key_value_heads must be a divisor of num_attention_heads = 4, but is 3" },
        { "text_config.num_key_value_heads", "0", "num_key_value_heads must be between 1 and 4096" },
        { "text_config.num_global_key_value_heads", "3", "num_global_key_value_heads must be a divisor" },
        { "text_config.num_hidden_layers", "11", "layer_types must be a list of num_hidden_layers = 11 entries, but is a list of 12" },
        { "text_config.layer_types.3", "\"chunked_attention\"", "a list with \"chunked_attention\"" },
        { "text_config.layer_types.3", "1", "a list of strings" },
        { "text_config.rope_parameters.full_attention.rope_type", "\"yarn\"", "full_attention.rope_type must be \"proportional\", but is \"yarn\"" },
        { "text_config.rope_parameters.sliding_attention.rope_type", "\"linear\"", "sliding_attention.rope_type must be \"default\"" },
        { "text_config.rope_parameters.full_attention.partial_rotary_factor", "1.5", "partial_rotary_factor must be above 0 and at most 1, but is 1.5" },
        { "text_config.rope_parameters.full_attention.rope_theta", "0", "rope_theta must be above 1" },
        { "text_config.rope_parameters.full_attention.factor", "8", "factor must be 1, but is 8" },
        { "text_config.use_bidirectional_attention", "\"all\"", "use_bidirectional_attention must be \"vision\" or null, but is \"all\"" },
        { "text_config.num_kv_shared_layers", "2", "num_kv_shared_layers must be 0, but is 2" },
        { "text_config.enable_moe_block", "true", "enable_moe_block must be false, but is true" },
        { "text_config.use_double_wide_mlp", "true", "use_double_wide_mlp must be false" },
        { "text_config.attention_bias", "1", "attention_bias must be true or false, but is 1" },
        { "text_config.hidden_size_per_layer_input", "256", "hidden_size_per_layer_input must be 0, but is 256" },
        { "text_config.hidden_activation", "\"silu\"", "hidden_activation must be \"gelu_pytorch_tanh\"" },
        { "text_config.tie_word_embeddings", "false", "tie_word_embeddings must be true" },
        { "text_config.final_logit_softcapping", "-1", "final_logit_softcapping must be above 0 or null" },
        { "text_config.rms_norm_eps", "0", "rms_norm_eps must be above 0" },
        { "text_config.rms_norm_eps", "1e999", "must be a number" },
        { "text_config.vocab_size", "0", "vocab_size" },
        { "text_config.eos_token_id", "512", "eos_token_id must be a token id below vocab_size 512, but is 512" },
        { "text_config.sliding_window", "0", "sliding_window must be between 1" },
        { "image_token_id", "512", "image_token_id must be a token id below vocab_size 512" },
        { "eoa_token_index", "-1", "eoa_token_index" },
        { "vision_config.mm_embed_dim", "95", "vision_config.mm_embed_dim" },
        { "vision_config.model_patch_size", "47", "model_patch_size must be patch_size * pooling_kernel_size = 48" },
        { "vision_config.patch_size", "2147483647", "patch_size" },
        { "vision_config.mm_posemb_size", "0", "mm_posemb_size" },
        { "vision_config.output_proj_dims", "128", "output_proj_dims must be mm_embed_dim = 96, but is 128" },
        { "audio_config.audio_embed_dim", "641", "audio_embed_dim" },
        { "audio_config.audio_samples_per_token", "320", "audio_samples_per_token must be audio_embed_dim = 640, but is 320" },
    };

    public static TheoryData<string, string?, string> BadQuantization => new()
    {
        { "quant_method", "\"gptq\"", "quant_method must be \"compressed-tensors\", but is \"gptq\"" },
        { "format", "\"nvfp4-pack-quantized\"", "format must be \"pack-quantized\" or \"float-quantized\"" },
        { "config_groups.group_0.weights.num_bits", "3", "num_bits must be 4 or 8, but is 3" },
        { "config_groups.group_0.weights.group_size", "128", "group_size must be 32, but is 128" },
        { "config_groups.group_0.weights.symmetric", "false", "symmetric must be true" },
        { "config_groups.group_0.weights.strategy", "\"channel\"", "strategy must be \"group\"" },
        { "config_groups.group_0.weights.type", "\"float\"", "type must be \"int\"" },
        { "config_groups.group_0.weights.actorder", "\"group\"", "actorder must be null" },
        { "config_groups.group_0.weights", null, "weights must be an object, but is absent" },
        { "config_groups.group_1", "{}", "one with 2" },
        { "config_groups", null, "config_groups must be an object with one group" },
        { "kv_cache_scheme", "{}", "kv_cache_scheme must be null" },
    };

    [Theory]
    [MemberData(nameof(BadValues))]
    public void ABadValueIsOneSentence(string path, string? value, string words) => Expect(Golden.Json("tiny", "config.json"), path, value, words);

    [Theory]
    [MemberData(nameof(BadQuantization))]
    public void ABadQuantizationIsOneSentence(string path, string? value, string words) =>
        Expect(Golden.Json("tiny-w4a16-ct", "config.json"), "quantization_config." + path, value, words);

    [Theory]
    [InlineData("12", "a map with \"12\"")]
    [InlineData("x", "a map with \"x\"")]
    [InlineData("-1", "a map with \"-1\"")]
    [InlineData("3", "per_layer_config.3 must be like the other layers of its kind")]
    public void ABadLayerOverrideIsOneSentence(string layer, string words) =>
        Expect(Golden.Json("tiny", "config.per_layer.json"), $"text_config.per_layer_config.{layer}", "{\"head_dim\":64}", words);

    [Theory]
    [InlineData("", "valid JSON")]
    [InlineData("{", "valid JSON")]
    [InlineData("[]", "the file must be a JSON object, but is a list")]
    [InlineData("{\"model_type\":\"\\ud800\"}", "valid UTF-8")]
    [InlineData("{\"\\ud800\":1}", "valid UTF-8")]
    [InlineData("{\"model_type\":1,\"model_type\":2}", "model_type must be given once")]
    public void AMalformedFileIsOneSentence(string text, string words)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Gemma4Config.Parse(Encoding.UTF8.GetBytes(text), "x/config.json"));
        Assert.StartsWith("x/config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InvalidUtf8IsOneSentence()
    {
        byte[] bytes = Golden.Bytes("tiny", "config.json");
        bytes[Array.IndexOf(bytes, (byte)'G')] = 0xFF;
        Assert.Throws<GemmaVkException>(() => Gemma4Config.Parse(bytes, "config.json"));
    }

    [Fact]
    public void AMissingFileIsOneSentence() =>
        Assert.Contains("no/such must hold config.json", Assert.Throws<GemmaVkException>(() => Gemma4Config.Load("no/such")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("use_ordered_embeddings", "true", "use_ordered_embeddings must be false")]
    [InlineData("backbone_hidden_size", "95", "backbone_hidden_size")]
    [InlineData("model_type", "\"gemma4_unified\"", "model_type must be gemma4_unified_assistant")]
    [InlineData("text_config.num_kv_shared_layers", "3", "num_kv_shared_layers must be num_hidden_layers = 4, but is 3")]
    public void ABadDrafterIsOneSentence(string path, string value, string words)
    {
        JsonObject json = Golden.Json("tiny-assistant", "config.json");
        Set(json, path, value);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => DrafterConfig.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json"));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 1500)]
    public void MutatedConfigsParseOrFailInOneSentence(Damages damages)
    {
        byte[] bytes = damages.Apply(Golden.Bytes("tiny-w4a16-ct", "config.json"));
        long before = GC.GetAllocatedBytesForCurrentThread();
        ReadOrRefuse(bytes);

        // The table of the tiny model has 180 entries; digits that grow must not grow it.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void SomeMutatedConfigsCanStillBeRead()
    {
        byte[] original = Golden.Bytes("tiny-w4a16-ct", "config.json");
        Assert.InRange(Arbitraries.Damages.Generator.Sample(50, 500).Count(damages => ReadOrRefuse(Mutation.Apply(original, damages.List[..1]))), 5, 495);
    }

    private static bool ReadOrRefuse(byte[] bytes)
    {
        try
        {
            TensorTable table = TensorTable.For(Gemma4Config.Parse(bytes, "config.json"));
            Assert.All(table.Take(20), spec => Assert.True(spec.Shape.Count > 0));
            return true;
        }
        catch (GemmaVkException error)
        {
            Assert.StartsWith("config.json", error.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static void Expect(JsonObject json, string path, string? value, string words)
    {
        Set(json, path, value);
        string text = json.ToJsonString();
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Gemma4Config.Parse(Encoding.UTF8.GetBytes(text), "x/config.json"));
        Assert.StartsWith("x/config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    private static void Set(JsonObject json, string path, string? value)
    {
        string[] keys = path.Split('.');
        JsonNode parent = json;
        foreach (string key in keys[..^1])
        {
            parent = parent[key]!;
        }

        if (parent is JsonArray array)
        {
            array[int.Parse(keys[^1], System.Globalization.CultureInfo.InvariantCulture)] = JsonNode.Parse(value!);
        }
        else if (value is null)
        {
            parent.AsObject().Remove(keys[^1]);
        }
        else
        {
            parent[keys[^1]] = JsonNode.Parse(value);
        }
    }
}
