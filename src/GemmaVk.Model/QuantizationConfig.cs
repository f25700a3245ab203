using System.Collections.Generic;
using System.Globalization;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>
/// <c>quantization_config</c> of a compressed-tensors checkpoint. Three layouts are understood: <c>pack-quantized</c> with
/// 4 or 8 bits in symmetric groups of 32, and <c>float-quantized</c> FP8 E4M3 with one scale per row.
/// </summary>
/// <param name="Format">What the language model's linears are stored as: Q4, Q8 or F8E4M3.</param>
/// <param name="Ignore">Modules that stay plain, in the names of the running model rather than of the file.</param>
public sealed record QuantizationConfig(DType Format, IReadOnlyList<string> Ignore)
{
    private const string Remedy =
        "GemmaVk reads compressed-tensors pack-quantized (4 or 8 bit, symmetric, group_size 32) and float-quantized (FP8, per channel); use such a checkpoint, or a BF16 one with --weights int4.";

    internal static QuantizationConfig Read(JsonSection section)
    {
        Expect(section, "quant_method", section.Text("quant_method"), "compressed-tensors");
        string? format = section.Text("format");
        if (format is not ("pack-quantized" or "float-quantized"))
        {
            throw section.Wrong("format", "\"pack-quantized\" or \"float-quantized\"", Show(format), Remedy);
        }

        JsonSection groups = section.Section("config_groups") ?? throw section.Wrong("config_groups", "an object with one group", "absent", Remedy);
        List<(string Name, JsonSection Section)> all = [.. groups.Sections()];
        if (all.Count != 1)
        {
            throw section.Wrong("config_groups", "an object with one group", $"one with {all.Count}", Remedy);
        }

        JsonSection weights = all[0].Section.Section("weights") ?? throw all[0].Section.Wrong("weights", "an object", "absent", Remedy);
        if (section.Section("kv_cache_scheme") is not null)
        {
            throw section.Wrong("kv_cache_scheme", "null", "an object", Remedy);
        }

        return new QuantizationConfig(ReadWeights(weights, format == "pack-quantized"), section.Texts("ignore") ?? []);
    }

    private static DType ReadWeights(JsonSection weights, bool packed)
    {
        int bits = weights.Whole("num_bits", 8);
        if (!weights.Flag("symmetric", true))
        {
            throw weights.Wrong("symmetric", "true", "false", Remedy);
        }

        if (weights.Text("actorder") is { } order)
        {
            throw weights.Wrong("actorder", "null", $"\"{order}\"", Remedy);
        }

        if (weights.Flag("dynamic", false))
        {
            throw weights.Wrong("dynamic", "false", "true", Remedy);
        }

        Expect(weights, "type", weights.Text("type"), packed ? "int" : "float");
        Expect(weights, "strategy", weights.Text("strategy"), packed ? "group" : "channel");
        if (!packed)
        {
            return bits == 8 ? DType.F8E4M3 : throw weights.Wrong("num_bits", "8", Show(bits), Remedy);
        }

        int group = weights.Whole("group_size", 0);
        if (group != QuantBlocks.GroupSize)
        {
            throw weights.Wrong("group_size", Show(QuantBlocks.GroupSize), Show(group), Remedy);
        }

        return bits switch
        {
            4 => DType.Q4,
            8 => DType.Q8,
            _ => throw weights.Wrong("num_bits", "4 or 8", Show(bits), Remedy),
        };
    }

    private static void Expect(JsonSection section, string key, string? actual, string expected)
    {
        if (actual != expected)
        {
            throw section.Wrong(key, $"\"{expected}\"", Show(actual), Remedy);
        }
    }

    private static string Show(string? value) => value is null ? "absent" : $"\"{value}\"";

    private static string Show(int value) => value.ToString(CultureInfo.InvariantCulture);
}
