using System;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>What the shaders assume of a cache.</summary>
internal static class CacheShape
{
    /// <summary>Widest head that the attention shaders have shared memory for.</summary>
    public const int MaxWidth = 512;

    /// <summary>Refuses caches that differ in format or shape, and head widths that the shaders cannot read.</summary>
    /// <exception cref="ArgumentException">One of them is so.</exception>
    public static void Check(string kernel, BufferHandle kCache, BufferHandle vCache, int W, int widthMultiple)
    {
        if (kCache.DType != vCache.DType || kCache.Shape != vCache.Shape)
            throw new ArgumentException($"{kernel}: KCache is {kCache.DType} {kCache.Shape} and VCache {vCache.DType} {vCache.Shape}; they must be alike");
        if (W % widthMultiple != 0 || W > MaxWidth)
            throw new ArgumentException($"{kernel}: head width {W} must be a multiple of {widthMultiple}, at most {MaxWidth}");
    }
}
