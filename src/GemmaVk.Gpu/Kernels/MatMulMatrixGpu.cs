using System.Linq;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>
/// The form of MatMul in shaders/mat_mul_matrix.comp that multiplies bytes, for devices whose units have no halves: which products matrix units can do so
/// here, and in which tiles. It gives the bits of the tiles without matrix units.
/// </summary>
internal sealed class MatMulMatrixGpu(KernelSettings settings) : IGpuKernel
{
    /// <summary>Of these modules and of those of <see cref="MatMulHalvesGpu"/>, which share a source.</summary>
    public KernelInterface Interface { get; } = new(
        nameof(MatMul),
        [.. Formats.Weights.Where(QuantBlocks.HasGroups).Select(Module), .. MatMulHalvesGpu.Modules],
        [Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write],
        ["LocalSize", "Rows", "Cols", "Across", "Along", "BlockT", "BlockN", "BlockK", "Deep"],
        typeof(MatRowsPush));

    public KernelVariant Variant => new(nameof(MatMul), Module(DType.Q4), $"matrix units: {settings.Matrices}; a module per format");

    /// <summary>Name of a module.</summary>
    public static string Module(DType format) => $"mat_mul_{Formats.Suffix(format)}_matrix_i8";

    /// <summary>The form that is taken where nothing was measured, or null where matrix units do not do such a product here.</summary>
    /// <param name="format">Of the weights.</param>
    /// <param name="size">Class of T, as <see cref="MatrixProductTiles.Of"/>.</param>
    public ProductForm? Usual(DType format, uint size) => Forms(format, size) is [var first, ..] ? first : null;

    /// <summary>All forms that are legal here, the usual one first.</summary>
    public ProductForm[] Forms(DType format, uint size)
    {
        uint subgroup = (uint)settings.Device.Features.SubgroupSize;
        return
        [
            .. from subgroups in (uint[])[MatrixProductTiles.UsualSubgroups, 2 * MatrixProductTiles.UsualSubgroups, 2]
               from rows in (uint[])[2, 4, 1]
               let form = new ProductForm(rows, subgroups * subgroup, Matrix: true)
               where form.LocalSize is >= 32 and <= 256 && Tile(form, format, size) is not null
               select form,
        ];
    }

    /// <summary>The tile of a form, or null where it is not legal here.</summary>
    public MatrixTile? Tile(ProductForm form, DType format, uint size) =>
        QuantBlocks.HasGroups(format) && settings.Matrices.Int8 is { } shape
            ? MatrixProductTiles.Of(shape, format, size, form.Rows, form.LocalSize / (uint)settings.Device.Features.SubgroupSize, settings.Device.Features.MaxSharedMemory)
            : null;
}
