using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf.Writing;

/// <summary>
/// Writes a checkpoint's folder as GGUF: a target with the projector of its media in a file of its own beside it, or a drafter. Row by row, so memory
/// stays at some megabytes. What GGUF cannot hold exactly is refused.
/// </summary>
public static class GgufExport
{
    private const int BlockBytes = 4 << 20;

    /// <summary>Converts a folder.</summary>
    /// <param name="input">Folder of a target or a drafter.</param>
    /// <param name="output">New file to write, which ends in <c>.gguf</c>; the projector gets its name with <c>mmproj-</c> in front.</param>
    /// <param name="tokenizer">tokenizer.json, or null for that of the folder; a drafter takes its target's.</param>
    /// <param name="progress">Called with the bytes written since the last call.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="GemmaVkException">The source is unreadable, is GGUF already, or holds what GGUF cannot; or a file of such a name is there.</exception>
    public static IReadOnlyList<string> Write(string input, string output, string? tokenizer = null, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        input = CheckpointPath.Resolve(input);
        if (GgufNeighbours.IsGguf(input))
        {
            throw new GemmaVkException($"{input} must be the folder of a checkpoint, but is a GGUF file already; use it as it is, or convert it --to safetensors.");
        }

        // By this ending the projector beside a model is found, and no file of the folder that is read has it.
        if (!output.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            throw new GemmaVkException($"{output} must end in .gguf, because what lies beside a model is found by that ending; add it.");
        }

        return DrafterConfig.Describes(input) ? Drafter(input, output, tokenizer, progress, cancellation) : Target(input, output, tokenizer, progress, cancellation);
    }

    private static List<string> Target(string input, string output, string? tokenizer, Action<long>? progress, CancellationToken cancellation)
    {
        using Checkpoint source = Checkpoint.Open(input);
        TokenizerLists lists = TokenizerLists.Read(tokenizer ?? Path.Combine(source.Directory, "tokenizer.json"));
        CheckVocabulary(lists, source.Config, source.Directory);
        string name = Path.GetFileNameWithoutExtension(output);
        TensorSpec[] all = [.. source.Table.Where(spec => spec.Role != TensorRole.Duplicate)];
        TensorSpec[] text = [.. all.Where(spec => !GgufNames.IsProjector(spec.Name))], media = [.. all.Where(spec => GgufNames.IsProjector(spec.Name))];
        string projector = Path.Combine(Path.GetDirectoryName(output) ?? "", "mmproj-" + Path.GetFileName(output));
        RefuseExisting(media.Length == 0 ? [output] : [output, projector]);
        GgufTensorWriting tensors = new(source);
        File(output, GgufDescription.Of(source.Config, lists, FileType(tensors, text), name), tensors, text, isDrafter: false, source.Config, progress, cancellation);
        if (media.Length == 0)
        {
            return [output];
        }

        try
        {
            File(projector, GgufDescription.Projector(source.Config, FileType(tensors, media), name), tensors, media, isDrafter: false, null, progress, cancellation);
        }
        catch
        {
            // Alone it would pass for the whole: a model that takes no pictures.
            System.IO.File.Delete(output);
            throw;
        }

        return [output, projector];
    }

    // Before the work, and for the projector too, whose name nobody gave.
    private static void RefuseExisting(IEnumerable<string> files)
    {
        if (files.FirstOrDefault(System.IO.File.Exists) is { } file)
        {
            throw new GemmaVkException($"{file} must be a new file, but is there already; choose another name, or move it away.");
        }
    }

    private static List<string> Drafter(string input, string output, string? tokenizer, Action<long>? progress, CancellationToken cancellation)
    {
        using DrafterCheckpoint source = DrafterCheckpoint.Open(input);
        string own = Path.Combine(source.Directory, "tokenizer.json");
        // The folder NAME-assistant lies beside its target's, NAME.
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Directory)) is var full && full.EndsWith("-assistant", StringComparison.Ordinal) ? full[..^"-assistant".Length] : full;
        TokenizerLists lists = TokenizerLists.Read(tokenizer ?? (System.IO.File.Exists(own) ? own : Path.Combine(target, "tokenizer.json")));
        CheckVocabulary(lists, source.Config, source.Directory);
        RefuseExisting([output]);
        TensorSpec[] all = [.. source.Table.Where(spec => spec.Role != TensorRole.Duplicate)];
        GgufTensorWriting tensors = new(source);
        File(output, GgufDescription.Of(source.Config, lists, FileType(tensors, all), Path.GetFileNameWithoutExtension(output)), tensors, all, isDrafter: true, source.Config, progress, cancellation);
        return [output];
    }

    private static void CheckVocabulary(TokenizerLists lists, Gemma4TextConfig config, string directory)
    {
        if (lists.Tokens.Length != config.VocabSize)
        {
            throw new GemmaVkException($"{directory}: the vocabulary must have a token for each of the vocab_size {config.VocabSize} rows of the embedding, as llama.cpp expects, but has {lists.Tokens.Length}; take the tokenizer.json that belongs to the checkpoint.");
        }
    }

    /// <summary><c>general.file_type</c>: what most matrices are.</summary>
    private static uint FileType(GgufTensorWriting tensors, IEnumerable<TensorSpec> specs) =>
        specs.Where(spec => spec.Role != TensorRole.Vector).Select(tensors.TypeOf).CountBy(type => type).MaxBy(pair => pair.Value).Key switch { "F16" => 1, "Q4_0" => 2, "Q8_0" => 7, "BF16" => 32, _ => 0 };

    private static void File(
        string path, GgufPairs pairs, GgufTensorWriting tensors, TensorSpec[] specs, bool isDrafter, Gemma4TextConfig? rotation, Action<long>? progress, CancellationToken cancellation)
    {
        List<SafetensorsEntry> entries = [];
        if (rotation is not null)
        {
            entries.Add(new SafetensorsEntry(GgufNames.RopeFreqs, "F32", [rotation.GlobalHeadDim / 2]));
        }

        Dictionary<TensorSpec, SafetensorsEntry> own = [];
        foreach (TensorSpec spec in specs)
        {
            long[] extents = spec.Name == TensorNames.PosEmbedding ? [spec.Shape[1], spec.Shape[0], spec.Shape[2]] : [.. Enumerable.Range(0, spec.Shape.Rank).Select(axis => spec.Shape[axis])];
            entries.Add(own[spec] = new SafetensorsEntry(GgufNames.Back(spec.Name, isDrafter), tensors.TypeOf(spec), extents));
        }

        using GgufWriter writer = GgufWriter.Create(path, pairs, entries);
        if (rotation is not null)
        {
            int turning = (int)(rotation.PartialRotaryFactor * rotation.GlobalHeadDim / 2);
            float[] factors = [.. Enumerable.Range(0, rotation.GlobalHeadDim / 2).Select(pair => pair < turning ? 1f : 1e30f)];
            writer.Write(GgufNames.RopeFreqs, 0, MemoryMarshal.AsBytes(factors.AsSpan()));
        }

        foreach (TensorSpec spec in specs)
        {
            if (spec.Role == TensorRole.Vector)
            {
                writer.Write(own[spec].Name, 0, MemoryMarshal.AsBytes(tensors.Vector(spec).AsSpan()));
                progress?.Invoke(spec.Shape.Count * sizeof(float));
                continue;
            }

            int rowBytes = checked((int)GgufTensorWriting.RowBytes(spec, own[spec].DType));
            int step = Math.Max(1, BlockBytes / rowBytes);
            RowBlocks.ForEach(Enumerable.Range(0, (int)((spec.Shape[0] + step - 1) / step)), cancellation, part =>
            {
                int first = part * step, count = (int)Math.Min(step, spec.Shape[0] - first);
                byte[] bytes = new byte[count * rowBytes];
                for (int r = 0; r < count; r++)
                {
                    tensors.Row(spec, own[spec].DType, first + r, bytes.AsSpan(r * rowBytes, rowBytes));
                }

                writer.Write(own[spec].Name, (long)first * rowBytes, bytes);
                progress?.Invoke(bytes.Length);
            });
        }

        writer.Commit();
    }
}
