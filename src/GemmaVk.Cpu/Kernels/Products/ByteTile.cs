using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: K columns, G groups of 32 of them, C floats per vector, r row of the tile.

/// <summary>
/// Q8 weights with INT8 activations. Products of signed bytes need 16 bits on both sides: activations are widened when
/// they are packed, weights as they are read. Scale times unit is made for C groups at once.
/// <code>
/// packed:  columns   [G, rows, 32] INT16
///          units     [ceil(G / C), rows, C] F32
/// </code>
/// Where G is no multiple of C, the last vector starts earlier, so that it ends with the row, and groups that were done
/// are skipped. A row of fewer than C groups uses a padded copy of its scales.
/// </summary>
internal readonly unsafe struct ByteTile<L, TF, TB> : ITile
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
{
    /// <summary>How far ahead of a row's reading its memory is asked for.</summary>
    private const int PrefetchBytes = 4096;

    public static int MaxRows => L.Count == 16 ? 8 : 4;

    public static long PackedBytes(int rows, int K) =>
        ((K / 32 * 64L * rows) + ((long)Vectors(K) * rows * L.Count * 4) + 63) & ~63;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(in ProductSource x, int t, int used, int rows, byte* packed)
    {
        int G = x.K / 32;
        float* units = (float*)(packed + ((long)G * rows * 64));
        new Span<byte>(packed, checked((int)PackedBytes(rows, x.K))).Clear();
        for (int r = 0; r < used; r++)
        {
            for (int g = 0; g < G; g++)
            {
                sbyte* q = x.Q + ((long)(t + r) * x.K) + (g * 32);
                short* to = (short*)packed + ((((long)g * rows) + r) * 32);
                for (int c = 0; c < 32; c++)
                {
                    to[c] = q[c];
                }

                int place = g - Start(g / L.Count, G);
                units[(((long)(g / L.Count) * rows) + r) * L.Count + place] = x.Unit[((long)(t + r) * G) + g];
            }
        }
    }

    public static void Multiply<TRows>(in WeightRows first, in WeightRows second, byte* packed, int K, float* sums)
        where TRows : struct, IRowCount
    {
        int G = K / 32;
        if (G >= L.Count)
        {
            Rows<TRows>((sbyte*)first.Bytes, (sbyte*)second.Bytes, first.Groups, second.Groups, packed, G, sums);
            return;
        }

        ushort* room = stackalloc ushort[32];
        new Span<ushort>(room, 32).Clear();
        new ReadOnlySpan<ushort>(first.Groups, G).CopyTo(new Span<ushort>(room, 16));
        new ReadOnlySpan<ushort>(second.Groups, G).CopyTo(new Span<ushort>(room + 16, 16));
        Rows<TRows>((sbyte*)first.Bytes, (sbyte*)second.Bytes, room, room + 16, packed, G, sums);
    }

    /// <summary>
    /// One weight row after the other while x is short of rows and memory is what is waited for, two at once otherwise: as
    /// in <see cref="NibbleTile{L, TF, TB}"/>, and every sum is made in the same order in both.
    /// </summary>
    private static void Rows<TRows>(sbyte* wa, sbyte* wb, ushort* sa, ushort* sb, byte* packed, int G, float* sums)
        where TRows : struct, IRowCount
    {
        if (TRows.Count <= 2)
        {
            One<TRows>(wa, sa, packed, G, sums);
            One<TRows>(wb, sb, packed, G, sums + 8);
        }
        else
        {
            Two<TRows>(wa, wb, sa, sb, packed, G, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TRows>(sbyte* w, ushort* s, byte* packed, int G, float* sums)
        where TRows : struct, IRowCount
    {
        short* x = (short*)packed;
        float* units = (float*)(packed + ((long)G * TRows.Count * 64));
        float* factors = stackalloc float[2 * 16];
        TF a0 = L.Zero, a1 = L.Zero;
        for (int start = 0; start < G; start += L.Count)
        {
            int origin = Math.Max(Math.Min(start, G - L.Count), 0);
            int count = Math.Min(L.Count, G - origin);
            TF scales = L.LoadBFloat16(s + origin);
            for (int r = 0; r < TRows.Count; r++)
            {
                L.Store(L.Multiply(scales, L.Load(units)), factors + (r * L.Count));
                units += L.Count;
            }

            for (int g = start - origin; g < count; g++)
            {
                VectorOps.Prefetch((byte*)w + PrefetchBytes);
                a0 = Add(0, w, x, factors + g, a0);
                if (TRows.Count > 1)
                {
                    a1 = Add(1, w, x, factors + g, a1);
                }

                w += 32;
                x += TRows.Count * 32;
            }
        }

        sums[0] = L.Sum(a0);
        if (TRows.Count > 1)
        {
            sums[1] = L.Sum(a1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TRows>(sbyte* wa, sbyte* wb, ushort* sa, ushort* sb, byte* packed, int G, float* sums)
        where TRows : struct, IRowCount
    {
        // Only blocks of four and eight rows come here.
        short* x = (short*)packed;
        float* units = (float*)(packed + ((long)G * TRows.Count * 64));
        float* factors = stackalloc float[16 * 16];
        TF a0 = L.Zero, a1 = L.Zero, a2 = L.Zero, a3 = L.Zero, a4 = L.Zero, a5 = L.Zero, a6 = L.Zero, a7 = L.Zero;
        TF b0 = L.Zero, b1 = L.Zero, b2 = L.Zero, b3 = L.Zero, b4 = L.Zero, b5 = L.Zero, b6 = L.Zero, b7 = L.Zero;
        for (int start = 0; start < G; start += L.Count)
        {
            int origin = Math.Max(Math.Min(start, G - L.Count), 0);
            int count = Math.Min(L.Count, G - origin);
            TF va = L.LoadBFloat16(sa + origin);
            TF vb = L.LoadBFloat16(sb + origin);
            for (int r = 0; r < TRows.Count; r++)
            {
                TF unit = L.Load(units);
                L.Store(L.Multiply(va, unit), factors + (r * L.Count));
                L.Store(L.Multiply(vb, unit), factors + ((8 + r) * L.Count));
                units += L.Count;
            }

            for (int g = start - origin; g < count; g++)
            {
                VectorOps.Prefetch((byte*)wa + (64 * G));
                VectorOps.Prefetch((byte*)wb + (64 * G));
                (a0, b0) = (Add(0, wa, x, factors + g, a0), Add(0, wb, x, factors + g + (8 * L.Count), b0));
                (a1, b1) = (Add(1, wa, x, factors + g, a1), Add(1, wb, x, factors + g + (8 * L.Count), b1));
                (a2, b2) = (Add(2, wa, x, factors + g, a2), Add(2, wb, x, factors + g + (8 * L.Count), b2));
                (a3, b3) = (Add(3, wa, x, factors + g, a3), Add(3, wb, x, factors + g + (8 * L.Count), b3));
                if (TRows.Count > 4)
                {
                    (a4, b4) = (Add(4, wa, x, factors + g, a4), Add(4, wb, x, factors + g + (8 * L.Count), b4));
                    (a5, b5) = (Add(5, wa, x, factors + g, a5), Add(5, wb, x, factors + g + (8 * L.Count), b5));
                    (a6, b6) = (Add(6, wa, x, factors + g, a6), Add(6, wb, x, factors + g + (8 * L.Count), b6));
                    (a7, b7) = (Add(7, wa, x, factors + g, a7), Add(7, wb, x, factors + g + (8 * L.Count), b7));
                }

                wa += 32;
                wb += 32;
                x += TRows.Count * 32;
            }
        }

        (sums[0], sums[8]) = (L.Sum(a0), L.Sum(b0));
        (sums[1], sums[9]) = (L.Sum(a1), L.Sum(b1));
        (sums[2], sums[10]) = (L.Sum(a2), L.Sum(b2));
        (sums[3], sums[11]) = (L.Sum(a3), L.Sum(b3));
        if (TRows.Count > 4)
        {
            (sums[4], sums[12]) = (L.Sum(a4), L.Sum(b4));
            (sums[5], sums[13]) = (L.Sum(a5), L.Sum(b5));
            (sums[6], sums[14]) = (L.Sum(a6), L.Sum(b6));
            (sums[7], sums[15]) = (L.Sum(a7), L.Sum(b7));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TF Add(int r, sbyte* weights, short* x, float* factors, TF sum) =>
        L.Fma(L.DotBytes(weights, x + (r * 32)), L.Create(factors[r * L.Count]), sum);

    private static int Vectors(int K) => ((K / 32) + L.Count - 1) / L.Count;

    private static int Start(int vector, int G) => Math.Max(Math.Min(vector * L.Count, G - L.Count), 0);
}
