using System.Linq;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>
/// The form of MatMul in shaders/mat_mul_matrix.comp: which products matrix units can do here, and in which tiles. INT8 rows give the bits of the
/// tiles without matrix units; float rows are right to F32, in another order of sums.
/// </summary>
internal sealed class MatMulMatrixGpu(KernelSettings settings) : IGpuKernel
{
    private static readonly DType[] ExactInHalves = [DType.F8E4M3, DType.BF16];

    public KernelInterface Interface { get; } = new(
        nameof(MatMul),
        [
            .. Formats.Weights.Where(QuantBlocks.HasGroups).Select(format => Module(format, quantised: true)),
            .. ExactInHalves.Select(format => Module(format, quantised: false)),
        ],
        [Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write],
        ["LocalSize", "Rows", "Cols", "Across", "Along", "BlockT", "BlockN", "BlockK"],
        typeof(MatRowsPush));

    public KernelVariant Variant => new(nameof(MatMul), Module(DType.Q4, quantised: true), $"matrix units: {settings.Matrices}; a module per format");

    /// <summary>Name of a module.</summary>
    public static string Module(DType format, bool quantised) => $"mat_mul_{Formats.Suffix(format)}_matrix_{(quantised ? "i8" : "f16")}";

    /// <summary>The form that is taken where nothing was measured, or null where matrix units do not do such a product here.</summary>
    /// <param name="format">Of the weights.</param>
    /// <param name="quantised">Whether rows are INT8.</param>
    /// <param name="size">Class of T, as <see cref="MatrixProductTile.Of"/>.</param>
    public ProductForm? Usual(DType format, bool quantised, uint size) => Forms(format, quantised, size) is [var first, ..] ? first : null;

    /// <summary>All forms that are legal here, the usual one first.</summary>
    public ProductForm[] Forms(DType format, bool quantised, uint size)
    {
        uint subgroup = (uint)settings.Device.Features.SubgroupSize;
        return
        [
            .. from subgroups in (uint[])[MatrixProductTile.UsualSubgroups, 2 * MatrixProductTile.UsualSubgroups, 2]
               from rows in (uint[])[2, 4, 1]
               let form = new ProductForm(rows, subgroups * subgroup, Matrix: true)
               where form.LocalSize is >= 32 and <= 256 && Tile(form, format, quantised, size) is not null
               select form,
        ];
    }

    /// <summary>The tile of a form, or null where it is not legal here.</summary>
    public MatrixProductTile? Tile(ProductForm form, DType format, bool quantised, uint size) =>
        (quantised ? QuantBlocks.HasGroups(format) ? settings.Matrices.Int8 : null : ExactInHalves.Contains(format) ? settings.Matrices.Half : null) is { } shape
            ? MatrixProductTile.Of(shape, format, quantised, size, form.Rows, form.LocalSize / (uint)settings.Device.Features.SubgroupSize, settings.Device.Features.MaxSharedMemory)
            : null;
}
