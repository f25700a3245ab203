using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: K columns, C floats per vector, r row of the tile.

/// <summary>
/// Any weights with float activations. A step takes 2C columns into two sums per result, so that two rows of weights
/// alone already hide the latency of the multiply-add.
/// <code>
/// packed:  [K / 2C, rows, 2, C] F32: even and odd columns, or first and second half, as the decoder gives them
/// </code>
/// </summary>
internal readonly unsafe struct FloatTile<L, TF, TDecoder> : ITile
    where L : struct, ILanes<TF>
    where TF : unmanaged
    where TDecoder : struct, IDecoder<TF>
{
    public static int MaxRows => L.Count == 16 ? 4 : 2;

    public static long PackedBytes(int rows, int K) => ((4L * K * rows) + 63) & ~63;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(in ProductSource x, int t, int used, int rows, byte* packed)
    {
        float* to = (float*)packed;
        for (int k = 0; k < x.K; k += 2 * L.Count)
        {
            for (int r = 0; r < rows; r++, to += 2 * L.Count)
            {
                float* from = x.X + ((long)(t + r) * x.K) + k;
                if (r >= used)
                {
                    new Span<float>(to, 2 * L.Count).Clear();
                }
                else if (TDecoder.EvensFirst)
                {
                    for (int c = 0; c < L.Count; c++)
                    {
                        to[c] = from[2 * c];
                        to[L.Count + c] = from[(2 * c) + 1];
                    }
                }
                else
                {
                    L.Store(L.Load(from), to);
                    L.Store(L.Load(from + L.Count), to + L.Count);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TRows>(in WeightRows first, in WeightRows second, byte* packed, int K, float* sums)
        where TRows : struct, IRowCount
    {
        WeightRows rowA = first;
        WeightRows rowB = second;
        float* x = (float*)packed;
        TF a0 = L.Zero, a1 = L.Zero, a2 = L.Zero, a3 = L.Zero, b0 = L.Zero, b1 = L.Zero, b2 = L.Zero, b3 = L.Zero;
        TF c0 = L.Zero, c1 = L.Zero, c2 = L.Zero, c3 = L.Zero, d0 = L.Zero, d1 = L.Zero, d2 = L.Zero, d3 = L.Zero;
        // The next pair of rows, read at the pace of this one.
        byte* ahead = rowB.Bytes + (rowB.Bytes - rowA.Bytes);
        long pace = (rowB.Bytes - rowA.Bytes) / (K / (2 * L.Count));
        for (int k = 0; k < K; k += 2 * L.Count)
        {
            VectorOps.Prefetch(ahead);
            VectorOps.Prefetch(ahead + (rowB.Bytes - rowA.Bytes));
            ahead += pace;
            TDecoder.Decode(rowA, k, out TF wa, out TF wc);
            TDecoder.Decode(rowB, k, out TF wb, out TF wd);
            TF even = L.Load(x);
            TF odd = L.Load(x + L.Count);
            (a0, b0, c0, d0) = (L.Fma(wa, even, a0), L.Fma(wb, even, b0), L.Fma(wc, odd, c0), L.Fma(wd, odd, d0));
            if (TRows.Count > 1)
            {
                even = L.Load(x + (2 * L.Count));
                odd = L.Load(x + (3 * L.Count));
                (a1, b1, c1, d1) = (L.Fma(wa, even, a1), L.Fma(wb, even, b1), L.Fma(wc, odd, c1), L.Fma(wd, odd, d1));
            }

            if (TRows.Count > 2)
            {
                even = L.Load(x + (4 * L.Count));
                odd = L.Load(x + (5 * L.Count));
                (a2, b2, c2, d2) = (L.Fma(wa, even, a2), L.Fma(wb, even, b2), L.Fma(wc, odd, c2), L.Fma(wd, odd, d2));
                even = L.Load(x + (6 * L.Count));
                odd = L.Load(x + (7 * L.Count));
                (a3, b3, c3, d3) = (L.Fma(wa, even, a3), L.Fma(wb, even, b3), L.Fma(wc, odd, c3), L.Fma(wd, odd, d3));
            }

            x += TRows.Count * 2 * L.Count;
        }

        (sums[0], sums[8]) = (L.Sum(L.Add(a0, c0)), L.Sum(L.Add(b0, d0)));
        if (TRows.Count > 1)
        {
            (sums[1], sums[9]) = (L.Sum(L.Add(a1, c1)), L.Sum(L.Add(b1, d1)));
        }

        if (TRows.Count > 2)
        {
            (sums[2], sums[10]) = (L.Sum(L.Add(a2, c2)), L.Sum(L.Add(b2, d2)));
            (sums[3], sums[11]) = (L.Sum(L.Add(a3, c3)), L.Sum(L.Add(b3, d3)));
        }
    }
}
