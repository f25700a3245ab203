using System;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>What the shaders assume of a cache.</summary>
internal static class CacheShape
{
    /// <summary>Refuses caches that differ in format or shape, and head widths that the shaders cannot read.</summary>
    /// <exception cref="ArgumentException">One of them is so.</exception>
    public static void Check(string kernel, BufferHandle kCache, BufferHandle vCache, int W, int multiple, int most)
    {
        if (kCache.DType != vCache.DType || kCache.Shape != vCache.Shape)
            throw new ArgumentException($"{kernel}: KCache is {kCache.DType} {kCache.Shape} and VCache {vCache.DType} {vCache.Shape}; they must be alike");
        if (W % multiple != 0 || W > most)
            throw new ArgumentException($"{kernel}: head width {W} must be a multiple of {multiple}, at most {most}");
    }
}
