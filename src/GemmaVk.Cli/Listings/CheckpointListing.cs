using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Spectre.Console;

namespace GemmaVk.Cli.Listings;

/// <summary>A checkpoint as tables or as an object: configuration, layers, tensors, formats, sizes by role.</summary>
internal sealed class CheckpointListing(TensorSource source, Gemma4TextConfig config)
{
    private readonly IReadOnlyList<(string File, FileTensor Tensor)> _tensors = source.List();

    /// <summary>The numbers that shape the model, under the names of config.json.</summary>
    private (string Key, string Value)[] Numbers =>
    [
        ("num_hidden_layers", Whole(config.NumHiddenLayers)),
        ("hidden_size", Whole(config.HiddenSize)),
        ("intermediate_size", Whole(config.IntermediateSize)),
        ("num_attention_heads", Whole(config.NumAttentionHeads)),
        ("num_key_value_heads", Whole(config.NumKeyValueHeads)),
        ("head_dim", Whole(config.HeadDim)),
        ("num_global_key_value_heads", Whole(config.NumGlobalKeyValueHeads)),
        ("global_head_dim", Whole(config.GlobalHeadDim)),
        ("sliding_window", Whole(config.SlidingWindow)),
        ("max_position_embeddings", Whole(config.MaxPositionEmbeddings)),
        ("vocab_size", Whole(config.VocabSize)),
    ];

    /// <summary>Bytes on disk of each role in the model, largest first.</summary>
    private IEnumerable<(string Role, int Count, long Bytes)> Roles => source.Table
        .Where(spec => spec.Required || source.Has(spec.Name))
        .GroupBy(spec => spec.Role)
        .Select(group => (group.Key.ToString(), group.Count(), group.Sum(spec => source.StoredBytes(spec.Name))))
        .OrderByDescending(role => role.Item3);

    /// <summary>As an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("directory", source.Directory);
        json.WriteNumber("bytes", source.TotalBytes);
        json.WriteString("quantization", Quantization);
        json.WriteStartArray("notes");
        foreach (string note in source.Notes())
        {
            json.WriteStringValue(note);
        }

        json.WriteEndArray();
        json.WriteStartObject("config");
        foreach ((string key, string value) in Numbers)
        {
            json.WritePropertyName(key);
            json.WriteRawValue(value);
        }

        json.WriteEndObject();
        json.WriteStartArray("layer_types");
        foreach (LayerKind kind in config.LayerTypes)
        {
            json.WriteStringValue(kind == LayerKind.Sliding ? "sliding_attention" : "full_attention");
        }

        json.WriteEndArray();
        json.WriteStartObject("bytes_by_role");
        foreach ((string role, _, long bytes) in Roles)
        {
            json.WriteNumber(role, bytes);
        }

        json.WriteEndObject();
        if (source.Formats() is { Count: > 0 } formats)
        {
            json.WriteStartArray("formats");
            foreach (StoredFormat format in formats)
            {
                json.WriteStartObject();
                json.WriteString("type", format.Type);
                json.WriteNumber("matrices", format.Count);
                json.WriteNumber("stored_bits", format.StoredBits);
                json.WriteString("format", format.Format.ToString());
                json.WriteNumber("bits", format.Bits);
                json.WriteBoolean("exact", format.IsExact);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("tensors");
        foreach ((string file, FileTensor tensor) in _tensors)
        {
            json.WriteStartObject();
            WriteTensor(json, file, tensor);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The properties of one tensor.</summary>
    public static void WriteTensor(Utf8JsonWriter json, string file, FileTensor tensor)
    {
        json.WriteString("name", tensor.Name);
        json.WriteString("dtype", tensor.DType);
        json.WriteStartArray("shape");
        foreach (long extent in tensor.Extents)
        {
            json.WriteNumberValue(extent);
        }

        json.WriteEndArray();
        json.WriteNumber("bytes", tensor.ByteLength);
        json.WriteNumber("offset", tensor.Offset);
        json.WriteString("file", Path.GetFileName(file));
    }

    /// <summary>As tables.</summary>
    public void WriteTables(TextWriter output)
    {
        IAnsiConsole console = Tables.Console(output);
        output.WriteLine(VisibleText.Line(string.Create(CultureInfo.InvariantCulture, $"{source.Directory}: {_tensors.Count} tensors, {source.TotalBytes:N0} bytes, linears stored as {Quantization}")));
        foreach (string note in source.Notes())
        {
            output.WriteLine($"Note: {VisibleText.Sentence(note)}.");
        }

        Table numbers = Tables.Of("config.json", ">value");
        foreach ((string key, string value) in Numbers)
        {
            numbers.Row(key, value);
        }

        console.Write(numbers);
        Table layers = Tables.Of(">layer", "kind", ">KV heads", ">head width", ">window", ">rotated pairs", "V");
        foreach (LayerPlan plan in LayerPlan.For(config))
        {
            layers.Row(
                Whole(plan.Index),
                plan.Kind.ToString().ToLowerInvariant(),
                Whole(plan.NumKeyValueHeads),
                Whole(plan.HeadDim),
                plan.SlidingWindow == 0 ? "all" : Whole(plan.SlidingWindow),
                Whole(plan.RotatedPairs),
                plan.HasValueProjection ? "v_proj" : "from k_proj");
        }

        console.Write(layers);
        Table roles = Tables.Of("role", ">tensors", ">bytes");
        foreach ((string role, int count, long bytes) in Roles)
        {
            roles.Row(role, Whole(count), bytes.ToString("N0", CultureInfo.InvariantCulture));
        }

        console.Write(roles);
        if (source.Formats() is { Count: > 0 } formats)
        {
            Table types = Tables.Of("type", ">matrices", ">bits", "read as", ">bits", "values");
            foreach (StoredFormat format in formats)
            {
                types.Row(
                    format.Type, Whole(format.Count), format.StoredBits.ToString("0.##", CultureInfo.InvariantCulture), format.Format.ToString(),
                    format.Bits.ToString("0.##", CultureInfo.InvariantCulture), format.IsExact ? "exact" : "rounded");
            }

            console.Write(types);
        }

        Table tensors = Tables.Of("tensor", "type", "shape", ">bytes", "file");
        foreach ((string file, FileTensor tensor) in _tensors)
        {
            tensors.Row(tensor.Name, tensor.DType, tensor.ShapeText, tensor.ByteLength.ToString("N0", CultureInfo.InvariantCulture), Path.GetFileName(file));
        }

        console.Write(tensors);
    }

    private string Quantization => source is Checkpoint { Quantization: { } quantization }
        ? quantization.Format.ToString()
        : source.IsGguf ? string.Join(" and ", source.Formats().Select(format => format.Type).Distinct())
        : string.Join(" and ", _tensors.Select(entry => entry.Tensor.DType).Distinct().Order());

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
