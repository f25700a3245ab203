using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Instruments;

/// <summary>A file that <c>gemmavk kernels bench --json</c> wrote.</summary>
/// <param name="Backend">cpu, vulkan or ilgpu.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="Driver">Its driver.</param>
/// <param name="Results">The figures by their key.</param>
internal sealed record KernelsFile(string Backend, string Device, string Driver, IReadOnlyDictionary<string, KernelsFile.Entry> Results)
{
    private const long MaxBytes = 64 << 20;
    private const int LeastSamples = 3;

    /// <summary>Most times of a figure.</summary>
    public const int MostSamples = 100_000;

    /// <summary>One figure.</summary>
    /// <param name="Bytes">Bytes of a call.</param>
    /// <param name="Operations">Operations of a call.</param>
    /// <param name="Samples">Seconds.</param>
    public sealed record Entry(double Bytes, double Operations, IReadOnlyList<double> Samples);

    /// <summary>Reads it.</summary>
    /// <exception cref="GemmaVkException">It is not there, cut short, of another schema, or has something else where figures belong.</exception>
    public static KernelsFile Read(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new GemmaVkException($"{path}: expected a file that 'gemmavk kernels bench --json' wrote, but there is none; check the path.");
        }

        try
        {
            // A pipe tells no length, and a device has no end.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using MemoryStream content = new();
            byte[] block = new byte[1 << 16];
            for (int read; (read = stream.Read(block)) > 0; content.Write(block, 0, read))
            {
                if (content.Length > MaxBytes)
                {
                    throw new GemmaVkException($"{path}: expected at most {MaxBytes} bytes, but there are more; give what 'gemmavk kernels bench --json' wrote.");
                }
            }

            return content.Length > 0 ? Parse(content.ToArray(), path)
                : throw new GemmaVkException($"{path}: expected what 'gemmavk kernels bench --json' writes, but it is empty; measure anew.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads its content; <paramref name="path"/> is for messages.</summary>
    /// <exception cref="GemmaVkException">As for <see cref="Read"/>.</exception>
    public static KernelsFile Parse(byte[] content, string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(content);
            JsonElement root = json.RootElement;
            string schema = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("schema", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "none";
            if (schema != KernelsReport.Schema)
            {
                throw new GemmaVkException($"{path}: expected the schema {KernelsReport.Schema}, but its schema is {schema}; measure anew with 'gemmavk kernels bench --json'.");
            }

            JsonElement provenance = root.GetProperty("provenance");
            Dictionary<string, Entry> results = [];
            foreach (JsonElement each in root.GetProperty("results").EnumerateArray())
            {
                string key = $"{Text(each, "kernel")} {Text(each, "shape")}, depth {each.GetProperty("depth").GetInt32()}";
                double[] samples = [.. each.GetProperty("samples").EnumerateArray().Take(MostSamples).Select(sample => sample.GetDouble())];
                if (samples.Length < LeastSamples || samples.Any(sample => !(sample > 0) || !double.IsFinite(sample)))
                {
                    throw new GemmaVkException($"{path}: expected {LeastSamples} or more times above zero for {key}, but that is not what its samples are; measure anew.");
                }

                if (!results.TryAdd(key, new Entry(each.GetProperty("bytes").GetDouble(), each.GetProperty("operations").GetDouble(), samples)))
                {
                    throw new GemmaVkException($"{path}: expected each shape once, but {key} comes twice; measure anew.");
                }
            }

            return new KernelsFile(Text(provenance, "backend"), Text(provenance, "device"), Text(provenance, "driver"), results);
        }
        catch (JsonException error)
        {
            throw new GemmaVkException($"{path}: expected one whole JSON object, but at line {(error.LineNumber ?? 0) + 1} it breaks off or is none: the file is cut short or of another kind; measure anew with 'gemmavk kernels bench --json'.", error);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new GemmaVkException($"{path}: expected what 'gemmavk kernels bench --json' writes, but {Complaint.Of(error).TrimEnd('.')}; measure anew.", error);
        }
    }

    private static string Text(JsonElement owner, string name) => owner.GetProperty(name).GetString() ?? throw new FormatException($"\"{name}\" is null");
}
