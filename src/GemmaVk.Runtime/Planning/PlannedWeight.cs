using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Planning;

// Letters: N rows, K columns.

/// <summary>A tensor of the model as it will lie on the device.</summary>
/// <param name="Spec">Name, shape and role.</param>
/// <param name="Format">Format on the device.</param>
/// <param name="Mapped">It is used in the mapped file and takes no memory of its own.</param>
/// <param name="StoredBytes">Bytes of a matrix in the file.</param>
public sealed record PlannedWeight(TensorSpec Spec, DType Format, bool Mapped, long StoredBytes)
{
    /// <summary>Bytes on the device, scales included.</summary>
    public long Bytes => Spec.Role == TensorRole.Vector
        ? VectorBytes * Spec.Shape.Count
        : QuantBlocks.MatrixBytes(Format, Spec.Shape[0], Spec.Shape[1]);

    // A picture's positions are looked up as they are stored; every other vector is widened.
    private int VectorBytes => Spec.Name == TensorNames.PosEmbedding ? sizeof(ushort) : sizeof(float);

    /// <summary>What is allocated for it: nothing, a vector, or data and scales.</summary>
    public IEnumerable<BufferSize> Buffers()
    {
        if (Mapped)
        {
            yield break;
        }

        if (Spec.Role == TensorRole.Vector)
        {
            yield return new BufferSize(Spec.Name, Bytes, Bytes);
            yield break;
        }

        long N = Spec.Shape[0], K = Spec.Shape[1];
        long row = QuantBlocks.RowBytes(Format, K), scales = sizeof(ushort) * QuantBlocks.RowScales(Format, K);
        yield return new BufferSize(Spec.Name, N * row, row * BufferSize.WeightRowsPerCut);
        if (scales > 0)
        {
            yield return new BufferSize(Spec.Name + ".scale", N * scales, scales * BufferSize.WeightRowsPerCut);
        }
    }

    /// <summary>What is allocated for the outline of a head: nothing, or the copy and the room to use it.</summary>
    internal IReadOnlyList<BufferSize> Outline(HeadOutline wish, DeviceMemory device)
    {
        long V = Spec.Shape[0], D = Spec.Shape[1];
        if (HeadOutlines.Format(wish, Format, V, device) is not { } copy)
        {
            return [];
        }

        string name = Spec.Name + ".outline";
        PlannedWeight coarse = new(Spec with { Name = name }, copy, Mapped: false, 0);
        return [.. coarse.Buffers(), .. HeadOutlines.Room(name, Format, V, D).Select(MemoryPlanner.SizeOf)];
    }

    /// <summary>The weights of a target: what <see cref="ModelWeights.Load"/> places.</summary>
    /// <param name="facts">The checkpoint.</param>
    /// <param name="precision">Formats to convert to.</param>
    /// <param name="inPlace">The device reads mapped files.</param>
    /// <param name="media">With the picture and sound embedders.</param>
    public static IReadOnlyList<PlannedWeight> Target(CheckpointFacts facts, Precision precision, bool inPlace, bool media)
    {
        DType? embedding = precision.Embedding ?? (precision.Linears is DType.Q4 or DType.Q8 ? DType.Q8 : precision.Linears is null ? facts.UsualEmbedding : null);
        List<PlannedWeight> weights = [];
        foreach (StoredTensor tensor in facts.Tensors)
        {
            bool isMedia = tensor.Spec.Role == TensorRole.MediaLinear || IsMediaVector(tensor.Spec);
            // Scalars travel as arguments of kernels.
            if ((isMedia && !media) || tensor.Spec.Name.EndsWith("layer_scalar", StringComparison.Ordinal))
            {
                continue;
            }

            DType? wanted = tensor.Spec.Role switch
            {
                TensorRole.Linear => precision.Linears,
                TensorRole.Embedding => embedding,
                TensorRole.MediaLinear => DType.BF16,
                _ => null,
            };
            weights.Add(Place(tensor, wanted, inPlace));
        }

        return weights;
    }

    /// <summary>The weights of a drafter: what <see cref="DrafterWeights.Load"/> places.</summary>
    public static IReadOnlyList<PlannedWeight> Drafter(CheckpointFacts facts, DrafterPrecision precision, bool inPlace)
    {
        List<PlannedWeight> weights = [];
        foreach (StoredTensor tensor in facts.Tensors)
        {
            if (!tensor.Spec.Name.EndsWith("layer_scalar", StringComparison.Ordinal))
            {
                weights.Add(Place(tensor, tensor.Spec.Role switch { TensorRole.Linear => precision.Linears, TensorRole.Embedding => precision.Head, _ => null }, inPlace));
            }
        }

        return weights;
    }

    private static PlannedWeight Place(StoredTensor tensor, DType? wanted, bool inPlace)
    {
        DType format = wanted ?? tensor.Format;
        bool mapped = inPlace && format == tensor.Format && tensor.InKernelLayout;
        long stored = tensor.Spec.Role == TensorRole.Vector ? 0 : QuantBlocks.MatrixBytes(tensor.Format, tensor.Spec.Shape[0], tensor.Spec.Shape[1]);
        return new PlannedWeight(tensor.Spec, format, mapped, stored);
    }

    private static bool IsMediaVector(TensorSpec spec) =>
        spec.Role == TensorRole.Vector && spec.Name.StartsWith("model.vision_embedder.", StringComparison.Ordinal);
}
