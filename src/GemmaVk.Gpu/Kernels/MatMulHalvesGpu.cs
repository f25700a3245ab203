using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>
/// The form of MatMul in shaders/mat_mul_matrix.comp that multiplies halves: which products matrix units do so here, and in which tiles. All tiles add in the
/// same order, so measuring chooses between them; other forms have other bits, so a device that has this one always takes it.
/// </summary>
internal sealed class MatMulHalvesGpu(KernelSettings settings)
{
    private static readonly DType[] ExactInHalves = [DType.F8E4M3, DType.BF16];

    /// <summary>All of its modules.</summary>
    public static IEnumerable<string> Modules =>
        [
            .. Formats.Weights.Where(QuantBlocks.HasGroups).Select(format => Module(format, quantised: true)),
            .. ExactInHalves.Select(format => Module(format, quantised: false)),
        ];

    /// <summary>What the doctor says.</summary>
    public KernelVariant Variant => new(nameof(MatMul), Module(DType.Q4, quantised: true), $"matrix units: {settings.Matrices}; a module per format");

    /// <summary>Whether matrix units do such a product here.</summary>
    public bool Does(DType format, bool quantised) => Usual(format, quantised, 1) is not null;

    /// <summary>Name of a module.</summary>
    public static string Module(DType format, bool quantised) => $"mat_mul_{Formats.Suffix(format)}_matrix_f16{(quantised ? "_i8" : "")}";

    /// <summary>The form that is taken where nothing was measured, or null where matrix units do not do such a product here.</summary>
    /// <param name="format">Of the weights.</param>
    /// <param name="quantised">Whether rows are INT8.</param>
    /// <param name="size">Class, as <see cref="MatrixHalvesTiles.Size"/> gives it.</param>
    public ProductForm? Usual(DType format, bool quantised, uint size) => Forms(format, quantised, size) is [var first, ..] ? first : null;

    /// <summary>All forms that are legal here, the usual one first.</summary>
    public ProductForm[] Forms(DType format, bool quantised, uint size)
    {
        uint subgroup = (uint)settings.Device.Features.SubgroupSize;
        return settings.Matrices.Half is { } shape
            ?
            [
                .. from candidate in MatrixHalvesTiles.Candidates(size)
                   let form = MatrixHalvesTiles.Form(shape, candidate, subgroup)
                   where form is { LocalSize: >= 32 and <= 256 } && Tile(form.Value, format, quantised) is not null
                   select form.Value,
            ]
            : [];
    }

    /// <summary>The tile of a form, or null where it is not legal here.</summary>
    public MatrixTile? Tile(ProductForm form, DType format, bool quantised) =>
        settings.Matrices.Half is { } shape && (quantised ? QuantBlocks.HasGroups(format) : ExactInHalves.Contains(format))
            ? MatrixHalvesTiles.Of(shape, quantised, form, (uint)settings.Device.Features.SubgroupSize, settings.Device.Features.MaxSharedMemory)
            : null;
}
