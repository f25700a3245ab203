using System.Collections.Generic;
using System.Linq;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Matrices;

/// <summary>
/// What kernels can use of the shapes that a device lists (VkCooperativeMatrixPropertiesKHR), one per pair of types: the largest, because
/// it reads its operands the fewest times.
/// </summary>
/// <param name="Int8">INT8 x INT8 -> INT32; null where no shape fits.</param>
/// <param name="Half">F16 x F16 -> F32; null where no shape fits.</param>
internal sealed record MatrixUnits(MatrixShape? Int8, MatrixShape? Half)
{
    // Shaders cut rows, columns and sums of 32 into blocks; a vector in shared memory is eight halves.
    private const uint Least = 8;
    private const uint Most = 32;

    /// <summary>There are none, or they are not used.</summary>
    public static MatrixUnits None { get; } = new(null, null);

    /// <summary>The shapes to use of a device's list.</summary>
    public static MatrixUnits Of(GpuFeatures features)
    {
        CooperativeMatrixPropertiesKHR[] usable = [.. features.CooperativeMatrices.Where(shape => shape.Scope == ScopeKHR.SubgroupKhr && Fits(shape))];
        CooperativeMatrixPropertiesKHR[] half = [.. usable.Where(shape => Has(shape, ComponentTypeKHR.Float16Khr, ComponentTypeKHR.Float32Khr))];
        // Sums of integers are scaled as floats, so the device must have floats of that shape too.
        IEnumerable<CooperativeMatrixPropertiesKHR> int8 = usable.Where(shape =>
            Has(shape, ComponentTypeKHR.Sint8Khr, ComponentTypeKHR.Sint32Khr) && !shape.SaturatingAccumulation && half.Any(other => (other.MSize, other.NSize) == (shape.MSize, shape.NSize)));
        return new MatrixUnits(features.Int8 ? Largest(int8) : null, features.Float16 ? Largest(half) : null);
    }

    /// <summary>In words, for the doctor.</summary>
    public override string ToString() => (Int8, Half) switch
    {
        ({ } i, { } f) => $"INT8 in blocks of {i}, F16 of {f}",
        ({ } i, null) => $"INT8 in blocks of {i}",
        (null, { } f) => $"F16 in blocks of {f}",
        _ => "none that fit",
    };

    private static bool Fits(in CooperativeMatrixPropertiesKHR shape) => Divides(shape.MSize) && Divides(shape.NSize) && Divides(shape.KSize);

    private static bool Divides(uint size) => size is >= Least and <= Most && Most % size == 0;

    private static bool Has(in CooperativeMatrixPropertiesKHR shape, ComponentTypeKHR factors, ComponentTypeKHR sums) =>
        shape.AType == factors && shape.BType == factors && shape.CType == sums && shape.ResultType == sums;

    private static MatrixShape? Largest(IEnumerable<CooperativeMatrixPropertiesKHR> shapes) =>
        shapes.Select(shape => (MatrixShape?)new MatrixShape(shape.MSize, shape.NSize, shape.KSize))
            .OrderByDescending(shape => shape!.Value.T * shape.Value.N * shape.Value.K).ThenByDescending(shape => shape!.Value.T).ThenByDescending(shape => shape!.Value.N)
            .FirstOrDefault();
}
