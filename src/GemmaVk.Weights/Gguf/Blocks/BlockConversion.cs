using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights.Gguf.Blocks;

/// <summary>Which format of the kernels a format of GGUF becomes, and what that costs.</summary>
internal static class BlockConversion
{
    /// <summary>The rows of <paramref name="blocks"/> in <paramref name="format"/>.</summary>
    public static MatrixSource To(BlockMatrix blocks, DType format) => Conversion.To(blocks, format);

    /// <summary>The format for matrices that meet the same rows: the smallest that keeps what all of them hold as well as it can be kept.</summary>
    public static DType Common(IEnumerable<GgmlType> types)
    {
        GgmlType[] all = [.. types];
        return all.Any(type => type.Kind == GgmlTypeKind.Plain) ? DType.BF16 : DType.Q8;
    }

    /// <summary>Whether a conversion keeps every value.</summary>
    public static bool IsExact(GgmlType type, DType format) => format == DType.F32;

    /// <summary>A format and its largest error, for notes.</summary>
    public static string InWords(DType format) => format switch
    {
        DType.Q8 => "read as int8 with a scale per 32 (8.5 bits), off by at most 0.6 % of the largest weight among them",
        DType.BF16 => "read as bf16 (16 bits), off by at most 0.2 % of each weight",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such conversion"),
    };
}
