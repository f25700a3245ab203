using System;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights.Gguf.Blocks;

/// <summary>Which format of the kernels a type of GGUF becomes, and what that costs.</summary>
internal static class BlockConversion
{
    /// <summary>The rows of <paramref name="blocks"/> in <paramref name="format"/>: taken apart where that keeps every value, else decoded and converted.</summary>
    public static MatrixSource To(BlockMatrix blocks, DType format)
    {
        if (RegroupedMatrix.FormatOf(blocks.Type) is { } exact)
        {
            RegroupedMatrix regrouped = new(blocks, exact);
            if (exact == format)
            {
                return regrouped;
            }

            if (IsExact(blocks.Type, format) && format != DType.F32)
            {
                return Conversion.To(regrouped, format);
            }
        }

        return Conversion.To(blocks, format);
    }

    /// <summary>The format for blocks of a type where nobody asks for another: one that keeps every value, else Q8.</summary>
    public static DType Usual(GgmlType type) => RegroupedMatrix.FormatOf(type) ?? DType.Q8;

    /// <summary>Whether a conversion keeps every value.</summary>
    public static bool IsExact(GgmlType type, DType format) =>
        format == DType.F32 || RegroupedMatrix.FormatOf(type) is { } exact && (exact == format || (exact == DType.Q4F16 && format == DType.Q8F16));

    /// <summary>A format and its largest error, for notes.</summary>
    public static string InWords(DType format) => format switch
    {
        DType.Q8 => "read as int8 with a scale per 32 (8.5 bits), off by at most 0.6 % of the largest weight among them",
        DType.BF16 => "read as bf16 (16 bits), off by at most 0.2 % of each weight",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such conversion"),
    };
}
