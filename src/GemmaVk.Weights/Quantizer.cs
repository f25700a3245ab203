using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf.Writing;
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
    private const string FileName = "model.safetensors";
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
        Block[] blocks = [.. Blocks(source)];
        string path = Path.Combine(folder.Path, FileName);
        SafetensorsWriter? unfinished = record.Blocks.Count == 0 ? null : SafetensorsWriter.Resume(path, entries);
        List<string> hashes = [];
        try
        {
            hashes.AddRange(unfinished is null ? [] : Verified(blocks, record.Blocks, format, unfinished, cancellation));
        }
        catch
        {
            // What is there is neither lost nor trusted: the next run looks again.
            unfinished?.Keep();
            unfinished?.Dispose();
            folder.Keep();
            throw;
        }

        // All but the verified blocks is made again: small files cost nothing.
        folder.Clear(unfinished is null ? [] : [FileName + ".partial", QuantizerProgress.Name]);
        CopyOtherFiles(source, folder);
        folder.Write("config.json", QuantizedConfigFile.Of(source, Bits(format)));
        if (unfinished is not null || record.IsOther)
        {
            note?.Invoke(unfinished is null ? $"{folder.Path} is the unfinished result of another source or format: starting again"
                : hashes.Count == record.Blocks.Count ? $"going on with {folder.Path}, which an earlier run left unfinished"
                : $"going on with {folder.Path}, which an earlier run left unfinished: {hashes.Count} of {record.Blocks.Count} blocks are still as they were written, the others are made again");
        }

        using SafetensorsWriter writer = unfinished ?? SafetensorsWriter.Create(path, entries);
        try
        {
            WriteShapes(source, writer);
            long before = blocks.Take(hashes.Count).Sum(block => Bytes(block, format));
            writer.Found(before);
            progress?.Invoke(before + ShapeBytes(source));
            while (hashes.Count < blocks.Length)
            {
                (int first, int count) = (hashes.Count, Math.Min(blocksPerSave, blocks.Length - hashes.Count));
                string[] made = new string[count];
                RowBlocks.ForEach(Enumerable.Range(0, count), cancellation, i => made[i] = Convert(source, blocks[first + i], format, writer, progress));
                writer.Flush();
                hashes.AddRange(made);
                record.Save(hashes);
            }
        }
        catch (OperationCanceledException) when (hashes.Count > 0)
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
                FileTensor stored = source.PlainTensor(spec);
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
            FileTensor? plain = isLinear ? null : source.PlainTensor(spec);
            long total = plain?.ByteLength ?? spec.Shape[0];
            long part = plain is null ? spec.Shape[1] : source.PlainStep(spec, plain);
            long step = plain is null ? Math.Max(1, BlockBytes / part) : Math.Max(1, BlockBytes / part) * part;
            for (long first = 0; first < total; first += step)
            {
                yield return new Block(spec, first, Math.Min(step, total - first));
            }
        }
    }

    private static long Bytes(Block block, DType format) =>
        block.Spec.Role != TensorRole.Linear ? block.Count : QuantBlocks.MatrixBytes(format, block.Count, block.Spec.Shape[1]);

    private static long ShapeBytes(Checkpoint source) => Written(source).Count(spec => spec.Role == TensorRole.Linear) * 2L * sizeof(long);

    /// <summary>The hashes of an earlier run, up to the first block that is not what was written.</summary>
    private static IEnumerable<string> Verified(Block[] blocks, IReadOnlyList<string> hashes, DType format, SafetensorsWriter writer, CancellationToken cancellation)
    {
        for (int i = 0; i < Math.Min(blocks.Length, hashes.Count); i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (HashOnDisk(blocks[i], format, writer) != hashes[i])
            {
                yield break;
            }

            yield return hashes[i];
        }
    }

    private static string HashOnDisk(Block block, DType format, SafetensorsWriter writer)
    {
        if (block.Spec.Role != TensorRole.Linear)
        {
            byte[] bytes = new byte[block.Count];
            writer.Read(block.Spec.Name, block.First, bytes);
            return QuantizerProgress.Hash(bytes, []);
        }

        long rowBytes = QuantBlocks.RowBytes(format, block.Spec.Shape[1]), rowScales = QuantBlocks.RowScales(format, block.Spec.Shape[1]) * sizeof(ushort);
        byte[] data = new byte[block.Count * rowBytes], scale = new byte[block.Count * rowScales];
        writer.Read($"{Stem(block.Spec)}.weight_packed", block.First * rowBytes, data);
        writer.Read($"{Stem(block.Spec)}.weight_scale", block.First * rowScales, scale);
        return QuantizerProgress.Hash(data, scale);
    }

    /// <summary>Writes a block and returns the hash of its bytes.</summary>
    private static string Convert(Checkpoint source, Block block, DType format, SafetensorsWriter writer, Action<long>? progress)
    {
        if (block.Spec.Role == TensorRole.Linear)
        {
            return QuantiseRows(source.Matrix(block.Spec.Name, source.IsGguf ? DType.F32 : null), format, block.First, block.Count, writer, progress);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)block.Count);
        Span<byte> bytes = buffer.AsSpan(0, (int)block.Count);
        source.ReadPlain(block.Spec, source.PlainTensor(block.Spec), block.First, bytes);
        writer.Write(block.Spec.Name, block.First, bytes);
        progress?.Invoke(bytes.Length);
        string hash = QuantizerProgress.Hash(bytes, []);
        ArrayPool<byte>.Shared.Return(buffer);
        return hash;
    }

    private static string QuantiseRows(MatrixSource stored, DType format, long first, long count, SafetensorsWriter writer, Action<long>? progress)
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
        string hash = QuantizerProgress.Hash(data, MemoryMarshal.AsBytes(scale));
        ArrayPool<byte>.Shared.Return(dataBuffer);
        ArrayPool<ushort>.Shared.Return(scaleBuffer);
        return hash;
    }

    private static void CopyOtherFiles(Checkpoint source, CheckpointFolder folder)
    {
        if (source.IsGguf)
        {
            GgufFolder.WriteSmallFiles(source, folder);
            return;
        }

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
