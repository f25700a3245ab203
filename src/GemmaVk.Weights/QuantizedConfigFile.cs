using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>config.json of a quantised checkpoint: the source's own with the quantization_config of the w4a16 release.</summary>
internal static class QuantizedConfigFile
{
    /// <summary>Its bytes.</summary>
    /// <param name="source">The checkpoint that is quantised.</param>
    /// <param name="bits">4 or 8.</param>
    public static byte[] Of(Checkpoint source, int bits)
    {
        using JsonDocument original = JsonFile.Parse(source.ConfigJson, source.Config.File);
        JsonObject config = JsonObject.Create(original.RootElement)!;
        config["quantization_config"] = new JsonObject
        {
            ["quant_method"] = "compressed-tensors",
            ["format"] = "pack-quantized",
            ["quantization_status"] = "compressed",
            ["kv_cache_scheme"] = null,
            ["config_groups"] = new JsonObject
            {
                ["group_0"] = new JsonObject
                {
                    ["targets"] = new JsonArray("Linear"),
                    ["input_activations"] = null,
                    ["output_activations"] = null,
                    ["weights"] = new JsonObject
                    {
                        ["num_bits"] = bits,
                        ["type"] = "int",
                        ["symmetric"] = true,
                        ["strategy"] = "group",
                        ["group_size"] = QuantBlocks.GroupSize,
                        ["actorder"] = null,
                        ["dynamic"] = false,
                    },
                },
            },
            // Names of the running model, as the release writes them.
            ["ignore"] = new JsonArray(
                "model.embed_vision.patch_dense", "model.embed_vision.multimodal_embedder.embedding_projection", "model.embed_audio.embedding_projection", "lm_head"),
        };
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true }))
        {
            config.WriteTo(json);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
