using System;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Formats as module names spell them.</summary>
internal static class Formats
{
    /// <summary>Every format of a weight matrix.</summary>
    public static readonly DType[] Weights = [DType.Q4, DType.Q8, DType.Q4F16, DType.Q8F16, DType.Q4K, DType.Q5K, DType.Q6K, DType.F8E4M3, DType.BF16, DType.F32];

    /// <summary>The suffix of modules for weights or caches of this format.</summary>
    public static string Suffix(DType format) => format switch
    {
        DType.Q4 => "q4",
        DType.Q8 => "q8",
        DType.Q4F16 => "q4f16",
        DType.Q8F16 => "q8f16",
        DType.Q4K => "q4k",
        DType.Q5K => "q5k",
        DType.Q6K => "q6k",
        DType.F8E4M3 => "f8e4m3",
        DType.BF16 => "bf16",
        DType.F16 => "f16",
        DType.F32 => "f32",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no kernel takes this format"),
    };

    /// <summary>The suffix of a cache, which is F32, F16 or Q8.</summary>
    public static string CacheSuffix(DType format) =>
        format is DType.F32 or DType.F16 or DType.Q8 ? Suffix(format) : throw new ArgumentOutOfRangeException(nameof(format), format, "a cache is F32, F16 or Q8");

    /// <summary>Names of a kernel's modules, one per weight format.</summary>
    public static string[] PerWeight(string kernel) => [.. Weights.Select(w => $"{kernel}_{Suffix(w)}")];

    /// <summary>Names of a product's modules: one per weight format for float rows, and two per format of integers for INT8 rows.</summary>
    public static string[] PerProduct(string kernel) =>
    [
        .. PerWeight(kernel),
        .. from rows in (string[])["i8", "dot4"] from format in Weights where QuantBlocks.HasGroups(format) select $"{kernel}_{Suffix(format)}_{rows}",
    ];

    /// <summary>The module of a product.</summary>
    public static string Product(string kernel, DType format, bool quantised, bool integerDot) =>
        $"{kernel}_{Suffix(format)}{(quantised ? integerDot ? "_dot4" : "_i8" : "")}";
}
