using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace GemmaVk.Weights;

/// <summary>One tensor of a file, as its header has it and checked against the file's length.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="DType">Element type as the file's format calls it, such as "BF16" or, of GGUF, "Q4_K".</param>
/// <param name="Extents">Shape, outermost first; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="ByteLength">Number of bytes.</param>
public sealed record FileTensor(string Name, string DType, IReadOnlyList<long> Extents, long Offset, long ByteLength)
{
    /// <summary>Dtype and shape as messages and listings write them, such as <c>BF16 [4096, 3840]</c>.</summary>
    public string Kind => $"{DType} {ShapeText}";

    /// <summary>Shape as messages write it.</summary>
    public string ShapeText => $"[{string.Join(", ", Extents.Select(extent => extent.ToString(CultureInfo.InvariantCulture)))}]";

    /// <summary>The first elements of a tensor whose type packs several of them into a block; null for types with elements of their own.</summary>
    /// <param name="file">The file that holds it.</param>
    /// <param name="most">Elements at most.</param>
    public float[]? Decode(TensorFile file, int most)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file is not Gguf.GgufFile || Gguf.GgmlType.Named(DType) is not { Kind: Gguf.GgmlTypeKind.Blocks } type)
        {
            return null;
        }

        float[] block = new float[type.BlockElements];
        Gguf.Blocks.BlockFormats.Decode(type, file.Bytes(this, 0, type.BlockBytes), block);
        return block[..Math.Min(most, block.Length)];
    }
}
