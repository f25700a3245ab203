using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Gpu.Pipelines;

namespace GemmaVk.Gpu.Tuning;

/// <summary>
/// What was measured, on disk beside the driver's pipelines. The name holds all that makes it invalid: the device's cache id, the driver's
/// version, and the shaders. Reading and writing never fail: without the file the usual forms run.
/// </summary>
internal sealed class TuningFile(string directory, string device, Action<string>? log)
{
    private const int MaxBytes = 1 << 20;
    private const int Version = 4;

    /// <summary>Where the file is or will be.</summary>
    public string Path { get; } = System.IO.Path.Combine(directory, $"tuning-{device}.json");

    /// <summary>Adds what the file holds to a table; a damaged one counts as none.</summary>
    public void ReadInto(TuningTable table)
    {
        try
        {
            FileInfo info = new(Path);
            if (!info.Exists)
                return;
            // A pipe has no length, and would be waited at.
            if (info.Length is 0 or > MaxBytes)
                throw new JsonException($"{info.Length} bytes");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path));
            if (document.RootElement.GetProperty("version").GetInt32() != Version)
                throw new JsonException("another version");
            // All of it or nothing.
            (string Module, uint Cols, Tuned<ProductForm> Form)[] forms = [.. document.RootElement.GetProperty("forms").EnumerateArray().Select(Form)];
            (string Heads, Tuned<AttentionForm> Form)[] attention = [.. document.RootElement.GetProperty("attention").EnumerateArray().Select(Attention)];
            foreach ((string module, uint cols, Tuned<ProductForm> form) in forms)
                table.Keep(module, cols, form);
            foreach ((string heads, Tuned<AttentionForm> form) in attention)
                table.Keep(heads, form);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            log?.Invoke($"the figures of tuning in {Path} are damaged ({e.Message}): the usual forms of kernels run until 'gemmavk tune' has measured again.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log?.Invoke($"the figures of tuning in {Path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Replaces the file in one step, so that no process ever sees half of it.</summary>
    public void Write(TuningTable table) => KeptFile.Replace(
        Path,
        stream =>
        {
            using Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true });
            Write(writer, table);
        },
        why => log?.Invoke($"the figures of tuning cannot be written to {Path}: {why}"));

    private static void Write(Utf8JsonWriter writer, TuningTable table)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        Write(writer, "forms", table.Forms.OrderBy(pair => pair.Key), (key, form) =>
        {
            writer.WriteString("module", key.Module);
            writer.WriteNumber("cols", key.Cols);
            writer.WriteNumber("rows", form.Rows);
            writer.WriteNumber("local_size", form.LocalSize);
            writer.WriteBoolean("matrix", form.Matrix);
            writer.WriteNumber("ahead", form.Ahead);
            writer.WriteNumber("split", form.Split);
            if (form.Cols > 0)
            {
                writer.WriteNumber("blocks", form.Cols);
                writer.WriteNumber("along", form.Along);
                writer.WriteNumber("deep", form.Deep);
            }
        });
        Write(writer, "attention", table.Attention.OrderBy(pair => pair.Key, StringComparer.Ordinal), (heads, form) =>
        {
            writer.WriteString("module", heads);
            writer.WriteBoolean("matrix", form.Matrix);
            writer.WriteNumber("queries", form.Queries);
            writer.WriteNumber("keys", form.Keys);
            writer.WriteNumber("subgroups", form.Subgroups);
            writer.WriteNumber("turn", form.Turn);
            writer.WriteNumber("groups", form.Groups);
        });
        writer.WriteEndObject();
    }

    private static void Write<TKey, TForm>(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<TKey, Tuned<TForm>>> entries, Action<TKey, TForm> numbers)
        where TForm : struct
    {
        writer.WriteStartArray(name);
        foreach ((TKey key, Tuned<TForm> tuned) in entries)
        {
            writer.WriteStartObject();
            numbers(key, tuned.Form);
            writer.WriteNumber("microseconds", tuned.Microseconds);
            writer.WriteNumber("usual_microseconds", tuned.UsualMicroseconds);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static (string Module, uint Cols, Tuned<ProductForm> Form) Form(JsonElement form)
    {
        (uint rows, uint localSize) = (form.GetProperty("rows").GetUInt32(), form.GetProperty("local_size").GetUInt32());
        (double time, double usual) = Times(form);
        (uint cols, uint ahead, uint split) = (form.GetProperty("cols").GetUInt32(), form.GetProperty("ahead").GetUInt32(), form.GetProperty("split").GetUInt32());
        if (rows is not (1 or 2 or 4 or 8) || localSize is not (32 or 64 or 128 or 256) || cols is 0 or > 8 || ahead > 4 || split is not (1 or 2 or 4))
            throw new JsonException("a form that no kernel has");
        (uint blocks, uint along, uint deep) = form.TryGetProperty("blocks", out JsonElement found)
            ? (found.GetUInt32(), form.GetProperty("along").GetUInt32(), form.GetProperty("deep").GetUInt32())
            : (0, 0, 0);
        // What they come to together the kernel asks of the device.
        if (blocks > 8 || along > 8 || deep > 8)
            throw new JsonException("a form that no kernel has");
        string module = form.GetProperty("module").GetString() ?? throw new JsonException("a form without a module");
        return (module, cols, new(new(rows, localSize, form.GetProperty("matrix").GetBoolean(), ahead, blocks, along, deep, split), time, usual));
    }

    private static (string Heads, Tuned<AttentionForm> Form) Attention(JsonElement entry)
    {
        (double time, double usual) = Times(entry);
        AttentionForm form = new(
            entry.GetProperty("matrix").GetBoolean(), Number("queries"), Number("keys"), Number("subgroups"), Number("turn"), Number("groups"));
        if (!form.IsSound)
            throw new JsonException("a form that no kernel has");
        return (entry.GetProperty("module").GetString() ?? throw new JsonException("a form without a module"), new(form, time, usual));

        uint Number(string name) => entry.GetProperty(name).GetUInt32();
    }

    private static (double Time, double Usual) Times(JsonElement form)
    {
        (double time, double usual) = (form.GetProperty("microseconds").GetDouble(), form.GetProperty("usual_microseconds").GetDouble());
        return time > 0 && usual > 0 ? (time, usual) : throw new JsonException("a form without a time");
    }
}
