using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights;

// Letters: N rows, K columns.

/// <summary>
/// Makes an INT4 or INT8 checkpoint from any readable one, in the layout of the w4a16 release (compressed-tensors, pack-quantized, groups of
/// 32). Only the decoder's linears are quantised; the embedding, the media embedders and the norms keep their bytes.
/// <code>
/// X.weight [N, K]  ->  X.weight_packed I32 [N, K/8] (INT8: [N, K/4]),  X.weight_scale BF16 [N, K/32],  X.weight_shape I64 [2]
/// </code>
/// Works through row blocks of a few megabytes, read from the file and not through its mapping, so memory stays bounded whatever the
/// checkpoint's size. Every so many blocks what was written goes to the disk and is recorded: a run that was killed is continued
/// from there, and its result is the same, byte for byte. Tensors take their released names; a second copy of the embedding is left out.
/// </summary>
public static class Quantizer
{
    private const int BlockBytes = 4 << 20;

    // About one gigabyte of BF16: some seconds of work that a kill can cost.
    private const int BlocksPerSave = 128;

    /// <summary>Bytes that <see cref="Write(Checkpoint, string, DType, Action{long}, Action{string}, CancellationToken)"/> will report as progress: those of the new tensors.</summary>
    public static long DataBytes(Checkpoint source, DType format) => Entries(source, format).Sum(entry =>
        entry.Extents.Aggregate((long)SafetensorsTypes.Bytes(entry.DType), (product, extent) => product * extent));

    /// <summary>Writes the quantised checkpoint into a new folder, which appears only when it is whole.</summary>
    /// <param name="modelDir">Folder of the source.</param>
    /// <param name="outDir">A new or empty folder.</param>
    /// <param name="format">Q4 or Q8.</param>
    /// <param name="progress">Called with the bytes written since the last call, from several threads; first with those of an earlier run.</param>
    /// <param name="note">Called with a sentence where an unfinished run is continued or cannot be.</param>
    /// <param name="cancellation">Stops; what is done already stays under a temporary name for the next run.</param>
    /// <exception cref="GemmaVkException">The source is not readable, is already in this format, changes meanwhile, or the folder cannot be written.</exception>
    public static void Write(
        string modelDir, string outDir, DType format, Action<long>? progress = null, Action<string>? note = null, CancellationToken cancellation = default)
    {
        using Checkpoint source = Checkpoint.Open(modelDir);
        Write(source, outDir, format, progress, note, cancellation);
    }

    /// <summary>As the overload that takes a folder, for a checkpoint that is already open.</summary>
    public static void Write(
        Checkpoint source, string outDir, DType format, Action<long>? progress = null, Action<string>? note = null, CancellationToken cancellation = default) =>
        Write(source, outDir, format, progress, note, BlocksPerSave, cancellation);

    /// <summary>As the public overload, with another number of blocks between two records.</summary>
    internal static void Write(
        Checkpoint source, string outDir, DType format, Action<long>? progress, Action<string>? note, int blocksPerSave, CancellationToken cancellation)
    {
        if (format is not (DType.Q4 or DType.Q8))
        {
            throw new ArgumentOutOfRangeException(nameof(format), format, "checkpoints are quantised to Q4 or Q8");
        }

        if (source.Quantization?.Format == format)
        {
            throw new GemmaVkException($"{source.Directory} must be in another format than {Bits(format)}-bit integers, but already is in this one; use it as it is.");
        }

        using CheckpointFolder folder = CheckpointFolder.Create(outDir);
        QuantizerProgress record = QuantizerProgress.Open(folder, source, format);
        List<SafetensorsEntry> entries = Entries(source, format);
        string path = Path.Combine(folder.Path, "model.safetensors");
        int done = record.Done;
        SafetensorsWriter? unfinished = done == 0 ? null : SafetensorsWriter.Resume(path, entries, BytesBefore(source, format, done));
        if (unfinished is null)
        {
            done = 0;
            folder.Clear();
            CopyOtherFiles(source, folder);
            folder.Write("config.json", QuantisedConfig(source, format));
        }

        if (unfinished is not null || record.IsOther)
        {
            note?.Invoke(unfinished is not null
                ? $"going on with {folder.Path}, which an earlier run left unfinished"
                : $"{folder.Path} is the unfinished result of another source or format: starting again");
        }

        using SafetensorsWriter writer = unfinished ?? SafetensorsWriter.Create(path, entries);
        try
        {
            if (done == 0)
            {
                WriteShapes(source, writer);
            }

            progress?.Invoke(BytesBefore(source, format, done));
            foreach (Block[] blocks in Blocks(source).Skip(done).Chunk(blocksPerSave))
            {
                RowBlocks.ForEach(blocks, cancellation, block => Convert(source, block, format, writer, progress));
                writer.Flush();
                done += blocks.Length;
                record.Save(done);
            }
        }
        catch (OperationCanceledException) when (done > 0)
        {
            writer.Keep();
            folder.Keep();
            throw;
        }

        source.CheckUnchanged();
        writer.Commit();
        record.Remove();
        folder.Commit();
    }

    private static List<SafetensorsEntry> Entries(Checkpoint source, DType format)
    {
        List<SafetensorsEntry> entries = [];
        foreach (TensorSpec spec in Written(source))
        {
            long N = spec.Shape[0], K = spec.Shape[1];
            if (spec.Role != TensorRole.Linear)
            {
                SafetensorsTensor stored = source.StoredTensor(spec);
                entries.Add(new SafetensorsEntry(spec.Name, stored.DType, stored.Extents));
                continue;
            }

            string stem = Stem(spec);
            entries.Add(new SafetensorsEntry($"{stem}.weight_packed", "I32", [N, K * Bits(format) / 32]));
            entries.Add(new SafetensorsEntry($"{stem}.weight_scale", "BF16", [N, K / QuantBlocks.GroupSize]));
            entries.Add(new SafetensorsEntry($"{stem}.weight_shape", "I64", [2]));
        }

        return entries;
    }

    private static void WriteShapes(Checkpoint source, SafetensorsWriter writer)
    {
        foreach (TensorSpec spec in Written(source).Where(spec => spec.Role == TensorRole.Linear))
        {
            writer.Write($"{Stem(spec)}.weight_shape", 0, MemoryMarshal.AsBytes((ReadOnlySpan<long>)[spec.Shape[0], spec.Shape[1]]));
        }
    }

    private static IEnumerable<Block> Blocks(Checkpoint source)
    {
        foreach (TensorSpec spec in Written(source))
        {
            bool isLinear = spec.Role == TensorRole.Linear;
            long total = isLinear ? spec.Shape[0] : source.StoredTensor(spec).ByteLength;
            long step = isLinear ? Math.Max(1, BlockBytes / spec.Shape[1]) : BlockBytes;
            for (long first = 0; first < total; first += step)
            {
                yield return new Block(spec, first, Math.Min(step, total - first));
            }
        }
    }

    /// <summary>Bytes in the new file once the first <paramref name="blocks"/> are: theirs, and all the recorded shapes.</summary>
    private static long BytesBefore(Checkpoint source, DType format, int blocks) =>
        Blocks(source).Take(blocks).Sum(block => block.Spec.Role != TensorRole.Linear ? block.Count : QuantBlocks.MatrixBytes(format, block.Count, block.Spec.Shape[1]))
        + Written(source).Count(spec => spec.Role == TensorRole.Linear) * 2L * sizeof(long);

    private static void Convert(Checkpoint source, Block block, DType format, SafetensorsWriter writer, Action<long>? progress)
    {
        if (block.Spec.Role == TensorRole.Linear)
        {
            QuantiseRows(source.Matrix(block.Spec.Name), format, block.First, block.Count, writer, progress);
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)block.Count);
        Span<byte> bytes = buffer.AsSpan(0, (int)block.Count);
        source.ReadStored(block.Spec, block.First, bytes);
        writer.Write(block.Spec.Name, block.First, bytes);
        progress?.Invoke(bytes.Length);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static void QuantiseRows(MatrixSource stored, DType format, long first, long count, SafetensorsWriter writer, Action<long>? progress)
    {
        MatrixSource matrix = Conversion.To(new ReadMatrix(stored), format);
        int rowBytes = (int)QuantBlocks.RowBytes(format, matrix.Columns), rowScales = (int)QuantBlocks.RowScales(format, matrix.Columns);
        byte[] dataBuffer = ArrayPool<byte>.Shared.Rent((int)count * rowBytes);
        ushort[] scaleBuffer = ArrayPool<ushort>.Shared.Rent((int)count * rowScales);
        Span<byte> data = dataBuffer.AsSpan(0, (int)count * rowBytes);
        Span<ushort> scale = scaleBuffer.AsSpan(0, (int)count * rowScales);
        matrix.ReadRows((int)first, (int)count, data, scale);
        if (format == DType.Q8)
        {
            PackedInt8Matrix.Unpack(data, data);
        }

        string stem = matrix.Name[..^".weight".Length];
        writer.Write($"{stem}.weight_packed", first * rowBytes, data);
        writer.Write($"{stem}.weight_scale", first * rowScales * sizeof(ushort), MemoryMarshal.AsBytes(scale));
        progress?.Invoke(data.Length + (scale.Length * sizeof(ushort)));
        ArrayPool<byte>.Shared.Return(dataBuffer);
        ArrayPool<ushort>.Shared.Return(scaleBuffer);
    }

    private static byte[] QuantisedConfig(Checkpoint source, DType format)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(source.Config.File))!.AsObject();
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
                        ["num_bits"] = Bits(format),
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
        return JsonSerializer.SerializeToUtf8Bytes(config, new JsonSerializerOptions { WriteIndented = true });
    }

    private static void CopyOtherFiles(Checkpoint source, CheckpointFolder folder)
    {
        foreach (string file in Directory.EnumerateFiles(source.Directory))
        {
            string name = Path.GetFileName(file);
            if (name.Contains('\uFFFD', StringComparison.Ordinal) && !File.Exists(file))
            {
                throw new GemmaVkException($"{file} must have a name in UTF-8 to be copied beside the weights, but its name has other bytes; rename it or take it out of the folder.");
            }

            // Tokenizer, templates, generation settings and texts; not weights in this or any other form.
            if (Path.GetExtension(name).ToLowerInvariant() is ".json" or ".jinja" or ".txt" or ".md" or ".model" or "" && name is not "config.json"
                && !name.EndsWith(".index.json", StringComparison.Ordinal) && OutputTarget.IsOrdinary(file))
            {
                folder.Copy(file);
            }
        }
    }

    private static IEnumerable<TensorSpec> Written(Checkpoint source) => source.Table.Where(spec => spec.Role != TensorRole.Duplicate);

    private static string Stem(TensorSpec spec) => spec.Name[..^".weight".Length];

    private static int Bits(DType format) => format == DType.Q4 ? 4 : 8;

    /// <summary>A part of a tensor: rows of a linear, bytes of anything else.</summary>
    private readonly record struct Block(TensorSpec Spec, long First, long Count);
}
