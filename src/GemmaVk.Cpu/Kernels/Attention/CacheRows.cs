using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: K KV heads, W head width, R rows of the cache.

/// <summary>A layer's keys or values [K, R, W], F32, F16 or Q8, read by position.</summary>
internal unsafe struct CacheRows
{
    private byte* _data;
    private ushort* _scales;
    private DType _format;
    private int _r;
    private int _w;

    public static CacheRows Of(BufferHandle cache, BufferHandle? scales, int K, int R, int W)
    {
        DType format = cache.DType;
        if (format is not (DType.F32 or DType.F16 or DType.Q8) || (format == DType.Q8 && W % QuantBlocks.GroupSize != 0))
        {
            throw new ArgumentException($"{cache.Name}: a cache is F32, F16, or Q8 with a head width that is a multiple of 32, but it is {format} and {W}");
        }

        long count = (long)K * R * W;
        return new CacheRows
        {
            _data = CpuBuffer.Of<byte>(cache, format, count),
            _scales = format == DType.Q8 ? CpuBuffer.Of<ushort>(scales!, DType.BF16, count / QuantBlocks.GroupSize) : null,
            _format = format,
            _r = R,
            _w = W,
        };
    }

    /// <summary>Bytes of a row, without its scales.</summary>
    public readonly long RowBytes => QuantBlocks.RowBytes(_format, _w);

    /// <summary>Where the row of a position begins.</summary>
    public readonly byte* Row(int head, int position) => _data + ((((long)head * _r) + (position % _r)) * RowBytes);

    /// <summary>Widens the row of a position to floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Widen<L, TF>(int head, int position, float* to)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long row = (((long)head * _r) + (position % _r)) * _w;
        switch (_format)
        {
            case DType.F16:
                Halves<L, TF>((ushort*)_data + row, to, _w);
                break;
            case DType.Q8:
                Steps<L, TF>((sbyte*)_data + row, _scales + (row / QuantBlocks.GroupSize), to, _w);
                break;
            default:
                Buffer.MemoryCopy((float*)_data + row, to, _w * 4L, _w * 4L);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Halves<L, TF>(ushort* from, float* to, int W)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int w = 0;
        for (; w + L.Count <= W; w += L.Count)
        {
            L.Store(L.LoadHalf(from + w), to + w);
        }

        for (; w < W; w++)
        {
            to[w] = (float)((Half*)from)[w];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Steps<L, TF>(sbyte* from, ushort* scales, float* to, int W)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        for (int w = 0; w < W; w += QuantBlocks.GroupSize)
        {
            TF scale = L.Create(BFloat16.ToSingle(scales[w / QuantBlocks.GroupSize]));
            for (int c = w; c < w + QuantBlocks.GroupSize; c += L.Count)
            {
                L.Store(L.Multiply(L.LoadBytes(from + c), scale), to + c);
            }
        }
    }
}
