using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Gguf.Blocks;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights;

/// <summary>Tensors of GGUF files: how their element types become formats that kernels read.</summary>
public abstract partial class TensorSource
{
    /// <summary>Whether the tensors come from GGUF files.</summary>
    public bool IsGguf => _index.IsGguf;

    /// <summary>Where the configuration stands, for messages.</summary>
    private string Configured => _index.IsGguf ? "its metadata" : "config.json";

    private MatrixSource GgufMatrix(TensorSpec spec, DType? target)
    {
        (TensorFile file, FileTensor tensor) = Find(spec.Name);
        CheckShape(file, tensor, spec.Shape);
        GgmlType type = Readable(file, tensor);
        if (type.Kind == GgmlTypeKind.Plain)
        {
            MatrixSource plain = MappedMatrix.Plain(spec, file, tensor, PlainType(file, tensor));
            plain = spec.Name == TensorNames.PatchDenseWeight ? new PatchOrderedMatrix(plain) : plain;
            return target is { } wanted ? Conversion.To(plain, wanted) : plain;
        }

        if (spec.Name == TensorNames.PatchDenseWeight)
        {
            throw new GemmaVkException($"{file.Path}: tensor {tensor.Name} must be F32, F16 or BF16, but is {tensor.Kind}; take a media projector with plain weights.");
        }

        return BlockConversion.To(new BlockMatrix(spec, file, tensor, type), target ?? BlockConversion.Usual(type));
    }

    private float[] GgufVector(TensorSpec spec)
    {
        (TensorFile file, FileTensor tensor) = Find(spec.Name);
        float[] stored = new float[spec.Shape.Count];
        CheckVector(file, tensor, spec);
        Rows.ToSingle(PlainType(file, tensor), file.Bytes(tensor), [], 1, stored);
        float[] values = new float[stored.Length];
        switch (spec.Name)
        {
            case TensorNames.PatchNorm1Weight or TensorNames.PatchNorm1Bias:
                PatchOrder.ToCheckpoint<float>(stored, values);
                return values;
            case TensorNames.PosEmbedding:
                // [axis, position, width] in GGUF, [position, axis, width] in the checkpoint.
                int width = (int)spec.Shape[2], positions = (int)spec.Shape[0];
                for (int i = 0; i < 2 * positions; i++)
                {
                    stored.AsSpan(((i % 2 * positions) + (i / 2)) * width, width).CopyTo(values.AsSpan(i * width));
                }

                return values;
            default:
                return stored;
        }
    }

    private static void CheckVector(TensorFile file, FileTensor tensor, TensorSpec spec)
    {
        CheckShape(file, tensor, spec.Name == TensorNames.PosEmbedding ? new Shape(spec.Shape[1], spec.Shape[0], spec.Shape[2]) : spec.Shape);
        PlainType(file, tensor);
    }

    private void CheckGguf(TensorSpec spec)
    {
        if (spec.Role == TensorRole.Vector)
        {
            (TensorFile file, FileTensor tensor) = Find(spec.Name);
            CheckVector(file, tensor, spec);
        }
        else
        {
            GgufMatrix(spec, null);
        }
    }

    private static GgmlType Readable(TensorFile file, FileTensor tensor) => GgmlType.Named(tensor.DType) is { Kind: not GgmlTypeKind.Unread } type ? type : throw new GemmaVkException(
        $"{file.Path}: tensor {tensor.Name} must be of a type that is read ({GgmlType.Readable}), but is {tensor.Kind}; take a file of the same model in one of these, such as Q4_K_M or Q4_0.");

    /// <summary>A second copy of the embedding must be one.</summary>
    private void CheckGgufHead()
    {
        TensorSpec embedding = Table.First(spec => spec.Role == TensorRole.Embedding);
        if (Locate(TensorNames.LmHead, out TensorFile file, out FileTensor head) && !SameValues.Of(Find(embedding.Name), (file, head)))
        {
            throw new GemmaVkException($"{file.Path}: tensor {head.Name} must be a copy of {Find(embedding.Name).Tensor.Name}, because Gemma 4 ties them, but differs from it; a head of its own is not implemented: take a file without {head.Name}.");
        }
    }

    /// <summary>Whether layers are stored in blocks and the embedding is not.</summary>
    private protected bool HasPlainEmbeddingBesideBlocks =>
        KindOf(Table.First(spec => spec.Role == TensorRole.Embedding)) == GgmlTypeKind.Plain && Table.Any(spec => spec.Role == TensorRole.Linear && KindOf(spec) == GgmlTypeKind.Blocks);

    private GgmlTypeKind KindOf(TensorSpec spec) => Readable(Find(spec.Name).File, Find(spec.Name).Tensor).Kind;

    /// <summary>How the matrices of a GGUF file are read, a row per type in the file; none for safetensors, which are read as they are.</summary>
    public IReadOnlyList<StoredFormat> Formats() => !IsGguf ? [] :
    [
        .. from spec in Table
           where spec.Role is not (TensorRole.Vector or TensorRole.Duplicate) && Locate(spec.Name, out _, out _)
           let type = Readable(Find(spec.Name).File, Find(spec.Name).Tensor)
           let format = GgufMatrix(spec, null).Format
           group spec by (Type: type, Format: format) into kind
           orderby kind.Key.Type.Name, kind.Key.Format
           select new StoredFormat(
               kind.Key.Type.Name,
               kind.Key.Format,
               kind.Count(),
               8.0 * kind.Key.Type.BlockBytes / kind.Key.Type.BlockElements,
               kind.Key.Type.Kind == GgmlTypeKind.Plain || BlockConversion.IsExact(kind.Key.Type, kind.Key.Format)),
    ];

    /// <summary>What is converted with a loss, a line per kind of conversion.</summary>
    private IEnumerable<string> Losses()
    {
        var converted = from spec in Table
                        where spec.Role is not (TensorRole.Vector or TensorRole.Duplicate) && Locate(spec.Name, out _, out _)
                        let type = Readable(Find(spec.Name).File, Find(spec.Name).Tensor)
                        where type.Kind == GgmlTypeKind.Blocks
                        let format = BlockConversion.Usual(type)
                        where !BlockConversion.IsExact(type, format)
                        group spec by (Type: type.Name, Format: format);
        foreach (var kind in converted)
        {
            yield return $"{Directory}: {kind.Count()} tensor{(kind.Count() == 1 ? "" : "s")} of type {kind.Key.Type} {(kind.Count() == 1 ? "is" : "are")} {BlockConversion.InWords(kind.Key.Format)}; --weights and --embedding choose other formats";
        }
    }
}
