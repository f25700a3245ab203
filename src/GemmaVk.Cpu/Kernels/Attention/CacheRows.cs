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

    /// <summary>How it is stored.</summary>
    public readonly DType Format => _format;

    /// <summary>The number of a position's row.</summary>
    public readonly long Index(int head, int position) => ((long)head * _r) + (position % _r);

    /// <summary>Where the row of a position begins.</summary>
    public readonly byte* Row(int head, int position) => Row(Index(head, position));

    /// <summary>Where the row of a number begins.</summary>
    public readonly byte* Row(long index) => _data + (index * RowBytes);

    /// <summary>The scales of a row of Q8.</summary>
    public readonly ushort* Scales(long index) => _scales + (index * (_w / QuantBlocks.GroupSize));

    /// <summary>Widens whole groups of a row of Q8 to floats.</summary>
    public readonly void Groups<L, TF>(long index, int first, int columns, float* to)
        where L : struct, ILanes<TF>
        where TF : unmanaged => Steps<L, TF>((sbyte*)Row(index) + first, Scales(index) + (first / QuantBlocks.GroupSize), to, columns);

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
