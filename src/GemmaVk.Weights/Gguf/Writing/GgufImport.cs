using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf.Writing;

/// <summary>
/// Writes a GGUF model or drafter as the folder of a safetensors checkpoint, with the small files that go with it. Plain numbers stay what they are; matrices
/// in blocks, which safetensors has no type for, become F32 or BF16 as somebody chooses.
/// </summary>
public static class GgufImport
{
    private const string FileName = "model.safetensors";
    private const int BlockBytes = 4 << 20;

    /// <summary>Converts a file.</summary>
    /// <param name="input">GGUF of a target or a drafter.</param>
    /// <param name="mmproj">Its projector: a file, <c>auto</c> or <c>off</c>.</param>
    /// <param name="output">A new or empty folder, which appears only when it is whole.</param>
    /// <param name="blocks">Type for matrices in blocks: F32 keeps every value, BF16 rounds it; null refuses them.</param>
    /// <param name="progress">Called with the bytes written since the last call.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="GemmaVkException">The source is unreadable, no GGUF, or has blocks and no type was chosen for them.</exception>
    public static void Write(string input, string mmproj, string output, DType? blocks = null, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        if (!GgufNeighbours.IsGguf(input))
        {
            throw new GemmaVkException($"{input} must be a GGUF file, but is {(Directory.Exists(input) ? "a folder, which holds safetensors already" : "none")}; pass a GGUF file, or convert it --to gguf.");
        }

        bool isDrafter = DrafterCheckpoint.Describes(input);
        using TensorSource source = isDrafter ? DrafterCheckpoint.Open(input) : Checkpoint.Open(input, mmproj);
        TensorSpec[] specs = [.. source.Table.Where(spec => spec.Role != TensorRole.Duplicate)];
        string inBlocks = blocks == DType.F32 ? "F32" : "BF16";
        if (blocks is null && specs.FirstOrDefault(spec => GgmlType.Named(source.StoredTensor(spec).DType)?.Kind == GgmlTypeKind.Blocks) is { } packed)
        {
            throw new GemmaVkException(
                $"{input}: tensor {source.StoredTensor(packed).Name} is {source.StoredTensor(packed).DType}, which safetensors has no type for; add --plain f32, which keeps every value, or --plain bf16, which takes half and rounds.");
        }

        Dictionary<TensorSpec, FileTensor> plain = specs.ToDictionary(spec => spec, spec => source.PlainTensor(spec, inBlocks));
        using CheckpointFolder folder = CheckpointFolder.Create(output);
        folder.Clear();
        folder.Write("config.json", source is Checkpoint target ? target.ConfigJson : ((DrafterCheckpoint)source).ConfigJson);
        if (source is Checkpoint { Vocabulary: not null } model)
        {
            GgufFolder.WriteSmallFiles(model, folder);
        }

        using (SafetensorsWriter writer = SafetensorsWriter.Create(
            Path.Combine(folder.Path, FileName), [.. specs.Select(spec => new SafetensorsEntry(spec.Name, plain[spec].DType, plain[spec].Extents))]))
        {
            RowBlocks.ForEach(Parts(source, plain), cancellation, part =>
            {
                byte[] bytes = new byte[part.Count];
                source.ReadPlain(part.Spec, plain[part.Spec], part.First, bytes);
                writer.Write(part.Spec.Name, part.First, bytes);
                progress?.Invoke(bytes.Length);
            });
            source.CheckUnchanged();
            writer.Commit();
        }

        folder.Commit();
    }

    private static IEnumerable<(TensorSpec Spec, long First, int Count)> Parts(TensorSource source, Dictionary<TensorSpec, FileTensor> plain)
    {
        foreach ((TensorSpec spec, FileTensor tensor) in plain)
        {
            long unit = source.PlainStep(spec, tensor), step = Math.Max(1, BlockBytes / unit) * unit;
            for (long first = 0; first < tensor.ByteLength; first += step)
            {
                yield return (spec, first, (int)Math.Min(step, tensor.ByteLength - first));
            }
        }
    }
}
