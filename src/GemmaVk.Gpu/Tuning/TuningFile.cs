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
    private const int Version = 2;

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
            foreach ((string module, uint cols, TunedForm form) in document.RootElement.GetProperty("forms").EnumerateArray().Select(Form).ToArray())
                table.Keep(module, cols, form);
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
        writer.WriteStartArray("forms");
        foreach (((string module, uint cols), TunedForm form) in table.Forms.OrderBy(pair => pair.Key))
        {
            writer.WriteStartObject();
            writer.WriteString("module", module);
            writer.WriteNumber("cols", cols);
            writer.WriteNumber("rows", form.Form.Rows);
            writer.WriteNumber("local_size", form.Form.LocalSize);
            writer.WriteBoolean("matrix", form.Form.Matrix);
            writer.WriteNumber("ahead", form.Form.Ahead);
            if (form.Form.Cols > 0)
            {
                writer.WriteNumber("blocks", form.Form.Cols);
                writer.WriteNumber("along", form.Form.Along);
                writer.WriteNumber("deep", form.Form.Deep);
            }

            writer.WriteNumber("microseconds", form.Microseconds);
            writer.WriteNumber("usual_microseconds", form.UsualMicroseconds);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static (string Module, uint Cols, TunedForm Form) Form(JsonElement form)
    {
        (uint rows, uint localSize) = (form.GetProperty("rows").GetUInt32(), form.GetProperty("local_size").GetUInt32());
        (double time, double usual) = (form.GetProperty("microseconds").GetDouble(), form.GetProperty("usual_microseconds").GetDouble());
        (uint cols, uint ahead) = (form.GetProperty("cols").GetUInt32(), form.GetProperty("ahead").GetUInt32());
        if (rows is not (1 or 2 or 4 or 8) || localSize is not (32 or 64 or 128 or 256) || cols is 0 or > 8 || ahead > 4 || !(time > 0 && usual > 0))
            throw new JsonException("a form that no kernel has");
        (uint blocks, uint along, uint deep) = form.TryGetProperty("blocks", out JsonElement found)
            ? (found.GetUInt32(), form.GetProperty("along").GetUInt32(), form.GetProperty("deep").GetUInt32())
            : (0, 0, 0);
        // What they come to together the kernel asks of the device.
        if (blocks > 8 || along > 8 || deep > 8)
            throw new JsonException("a form that no kernel has");
        string module = form.GetProperty("module").GetString() ?? throw new JsonException("a form without a module");
        return (module, cols, new(new(rows, localSize, form.GetProperty("matrix").GetBoolean(), ahead, blocks, along, deep), time, usual));
    }
}
