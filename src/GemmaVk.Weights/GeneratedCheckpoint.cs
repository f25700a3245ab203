using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Generated;

namespace GemmaVk.Weights;

/// <summary>
/// Checkpoints of the 12B's real dimensions whose values come from a formula (<see cref="GeneratedRule"/>): for correctness, memory,
/// loading and speed at full size without the real weights. What they write is meaningless.
/// </summary>
public static class GeneratedCheckpoint
{
    private const int BlockBytes = 4 << 20;

    /// <summary>What can be made: "generated-6" (2.9 GB), "generated-48" (8.3 GB), "assistant" (0.8 GB).</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["generated-6", "generated-48", "assistant"];

    /// <summary>The 12B's sizes, with layers in INT4: to say what it would take without a checkpoint at hand.</summary>
    public static Gemma4Config FullSize => Gemma4Config.Parse(Resource("generated-48", "config.json"), "generated-48/config.json");

    /// <summary>Bytes of all tensors of a kind.</summary>
    /// <exception cref="GemmaVkException">There is no such kind.</exception>
    public static long DataBytes(string kind) => Tensors(kind).Sum(tensor => tensor.ByteLength);

    /// <summary>Writes config.json, generation_config.json and model.safetensors into a new folder, which appears only when it is whole.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="outDir">A new or empty folder.</param>
    /// <param name="progress">Called with the bytes written since the last call, from several threads.</param>
    /// <param name="cancellation">Stops and leaves nothing behind.</param>
    /// <exception cref="GemmaVkException">There is no such kind, or the folder cannot be written.</exception>
    public static void Write(string kind, string outDir, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<GeneratedTensor> tensors = Tensors(kind);
        using CheckpointFolder folder = CheckpointFolder.Create(outDir);
        folder.Clear();
        foreach (string file in (ReadOnlySpan<string>)["config.json", "generation_config.json"])
        {
            folder.Write(file, Resource(kind, file));
        }

        using (SafetensorsWriter writer = SafetensorsWriter.Create(Path.Combine(folder.Path, "model.safetensors"), [.. tensors.Select(tensor => tensor.Entry)]))
        {
            RowBlocks.ForEach(Blocks(tensors), cancellation, block =>
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
                Span<byte> bytes = buffer.AsSpan(0, (int)Math.Min(BlockBytes, block.Tensor.ByteLength - block.Offset));
                block.Tensor.Fill(block.Offset, bytes);
                writer.Write(block.Tensor.Name, block.Offset, bytes);
                ArrayPool<byte>.Shared.Return(buffer);
                progress?.Invoke(bytes.Length);
            });
            writer.Commit();
        }

        folder.Commit();
    }

    /// <summary>The tensors of a kind, to be filled block by block.</summary>
    internal static IReadOnlyList<GeneratedTensor> Tensors(string kind)
    {
        if (!Kinds.Contains(kind))
        {
            throw new GemmaVkException($"\"{kind}\" must be one of {string.Join(", ", Kinds)}; choose one of these.");
        }

        byte[] config = Resource(kind, "config.json");
        return kind == "assistant"
            ? GeneratedTensors.For(DrafterConfig.Parse(config, $"{kind}/config.json"))
            : GeneratedTensors.For(Gemma4Config.Parse(config, $"{kind}/config.json"));
    }

    private static IEnumerable<(GeneratedTensor Tensor, long Offset)> Blocks(IReadOnlyList<GeneratedTensor> tensors)
    {
        foreach (GeneratedTensor tensor in tensors)
        {
            for (long offset = 0; offset < tensor.ByteLength; offset += BlockBytes)
            {
                yield return (tensor, offset);
            }
        }
    }

    private static byte[] Resource(string kind, string file)
    {
        using Stream stream = typeof(GeneratedCheckpoint).Assembly.GetManifestResourceStream($"{kind}.{file}")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
