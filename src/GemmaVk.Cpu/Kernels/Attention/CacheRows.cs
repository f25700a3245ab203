using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: K KV heads, W head width, R rows of the cache.

/// <summary>A layer's keys or values [K, R, W], F32 or F16, read by position.</summary>
internal unsafe struct CacheRows
{
    private byte* _data;
    private bool _half;
    private int _r;
    private int _w;

    public static CacheRows Of(BufferHandle cache, int K, int R, int W)
    {
        bool half = cache.DType == DType.F16;
        return new CacheRows
        {
            _data = CpuBuffer.Of<byte>(cache, half ? DType.F16 : DType.F32, (long)K * R * W),
            _half = half,
            _r = R,
            _w = W,
        };
    }

    /// <summary>Widens the row of a position to floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Widen<L, TF>(int head, int position, float* to)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long row = (((long)head * _r) + (position % _r)) * _w;
        int w = 0;
        if (_half)
        {
            ushort* from = (ushort*)_data + row;
            for (; w + L.Count <= _w; w += L.Count)
            {
                L.Store(L.LoadHalf(from + w), to + w);
            }

            for (; w < _w; w++)
            {
                to[w] = (float)((System.Half*)from)[w];
            }
        }
        else
        {
            float* from = (float*)_data + row;
            for (; w + L.Count <= _w; w += L.Count)
            {
                L.Store(L.Load(from + w), to + w);
            }

            for (; w < _w; w++)
            {
                to[w] = from[w];
            }
        }
    }
}
