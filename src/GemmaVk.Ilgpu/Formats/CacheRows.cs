using System;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

// Letters: K KV heads, W head width, R rows of the cache (its capacity).

/// <summary>
/// The keys or the values of a cache, [K, R, W]: one memory under the three names by which the formats of
/// <see cref="KvRows"/> read it.
/// </summary>
internal struct CacheRows
{
    public ArrayView<float> Floats;
    public ArrayView<ushort> Halves;
    public ArrayView<sbyte> Steps;
    public ArrayView<ushort> Scales;

    /// <summary>Views of a cache's buffers.</summary>
    public static CacheRows Of(BufferHandle rows, BufferHandle? scales, int K, int R, int W)
    {
        if (rows.DType is not (DType.F32 or DType.F16 or DType.Q8) || (rows.DType == DType.Q8 && W % QuantBlocks.GroupSize != 0))
        {
            throw new ArgumentException($"{rows.Name}: a cache is F32, F16, or Q8 with a head width that is a multiple of 32, but it is {rows.DType} and {W}");
        }

        long count = (long)K * R * W;
        return new CacheRows
        {
            Floats = IlgpuBuffer.Of<float>(rows, rows.DType, count),
            Halves = IlgpuBuffer.Of<ushort>(rows, rows.DType, count),
            Steps = IlgpuBuffer.Of<sbyte>(rows, rows.DType, count),
            Scales = rows.DType == DType.Q8
                ? IlgpuBuffer.Of<ushort>(scales!, DType.BF16, count / QuantBlocks.GroupSize)
                : IlgpuBuffer.Of<ushort>(rows, rows.DType, 0),
        };
    }
}
