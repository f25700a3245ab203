using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: K columns, G groups of 32 of them, C floats per vector, r row of the tile.

/// <summary>
/// Q4 weights with INT8 activations. A step takes 4C bytes of weights, the nibbles of C/4 groups, and leaves each group's
/// dot spread over four lanes, where group scale times activation unit is added in.
/// <code>
/// packed:  even and odd columns   [steps, rows, 2, 4C] INT8
///          units                  [steps, rows, C/4] F32
///          offsets -8 * sum       [ceil(G / C), rows, C] F32
/// </code>
/// Where G is no multiple of a step's groups, the last step starts earlier, so that it ends with the row; groups that
/// were done are zeros in the packed rows. A row of fewer than C groups is first copied to a padded one.
/// </summary>
internal readonly unsafe struct NibbleTile<L, TF, TB> : ITile
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
{
    /// <summary>Sixteen groups of nibbles and their scales.</summary>
    private const int PaddedBytes = 16 * 18;

    /// <summary>How far ahead of a row's reading its memory is asked for.</summary>
    private const int PrefetchBytes = 4096;

    /// <summary>Two longer rows of x do not stay in the first-level cache beside the weights that stream through it.</summary>
    private const int MostGroupsAlone = 256;

    private static int StepGroups => L.Count / 4;

    public static int MaxRows => L.Count == 16 ? 8 : 4;

    public static long PackedBytes(int rows, int K)
    {
        int G = PaddedGroups(K);
        long bytes = ((long)Steps(G) * rows * ((8 * L.Count) + L.Count)) + ((long)Offsets(G) * rows * L.Count * 4);
        return (bytes + 63) & ~63;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(in ProductSource x, int t, int used, int rows, byte* packed)
    {
        int groups = x.K / 32;
        int G = PaddedGroups(x.K);
        int steps = Steps(G);
        int offsets = Offsets(G);
        float* units = (float*)(packed + ((long)steps * rows * 8 * L.Count));
        float* offset = units + ((long)steps * rows * StepGroups);
        new Span<byte>(packed, checked((int)PackedBytes(rows, x.K))).Clear();
        for (int r = 0; r < used; r++)
        {
            sbyte* q = x.Q + ((long)(t + r) * x.K);
            float* unit = x.Unit + ((long)(t + r) * groups);
            float* sum = x.Sum + ((long)(t + r) * groups);
            for (int g = 0; g < groups; g++)
            {
                int step = g / StepGroups;
                int place = g - Math.Min(step * StepGroups, G - StepGroups);
                byte* to = packed + ((((long)step * rows) + r) * 8 * L.Count) + (place * 16);
                Vector128.Load(q + (g * 32)).AsByte().Store(to);
                Vector128.Load(q + (g * 32) + 16).AsByte().Store(to + (4 * L.Count));
                units[(((long)step * rows) + r) * StepGroups + place] = unit[g];
                int vector = g / L.Count;
                offset[(((long)vector * rows) + r) * L.Count + g - Math.Min(vector * L.Count, G - L.Count)] = -8 * sum[g];
            }
        }
    }

    public static void Multiply<TRows>(in WeightRows first, in WeightRows second, byte* packed, int K, float* sums)
        where TRows : struct, IRowCount
    {
        if (K >= 32 * L.Count)
        {
            Rows<TRows>(first.Bytes, second.Bytes, first.Groups, second.Groups, packed, K / 32, sums);
            return;
        }

        byte* room = stackalloc byte[2 * PaddedBytes];
        Pad(first, K, room);
        Pad(second, K, room + PaddedBytes);
        Rows<TRows>(
            room, room + PaddedBytes, (ushort*)(room + (16 * 16)), (ushort*)(room + PaddedBytes + (16 * 16)), packed, L.Count, sums);
    }

    /// <summary>
    /// Few rows of x wait for memory, and one weight row after the other is what its prefetchers follow best; more of them
    /// wait for arithmetic, and two weight rows share each load of x. Every sum is made in the same order in both.
    /// </summary>
    private static void Rows<TRows>(byte* wa, byte* wb, ushort* sa, ushort* sb, byte* packed, int G, float* sums)
        where TRows : struct, IRowCount
    {
        if (TRows.Count == 1 || (TRows.Count == 2 && G <= MostGroupsAlone))
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
    private static void One<TRows>(byte* w, ushort* s, byte* packed, int G, float* sums)
        where TRows : struct, IRowCount
    {
        int steps = Steps(G);
        int offsets = Offsets(G);
        float* units = (float*)(packed + ((long)steps * TRows.Count * 8 * L.Count));
        float* offset = units + ((long)steps * TRows.Count * StepGroups);
        TF a0 = L.Zero, a1 = L.Zero;
        for (int i = 0; i < offsets; i++)
        {
            TF scales = L.LoadBFloat16(s + Math.Min(i * L.Count, G - L.Count));
            a0 = L.Fma(scales, L.Load(offset), a0);
            if (TRows.Count > 1)
            {
                a1 = L.Fma(scales, L.Load(offset + L.Count), a1);
            }

            offset += TRows.Count * L.Count;
        }

        for (int step = 0; step < steps; step++)
        {
            int g = Math.Min(step * StepGroups, G - StepGroups);
            VectorOps.Prefetch(w + (g * 16) + PrefetchBytes);
            TB bytes = L.Bytes(w + (g * 16));
            TB low = L.LowNibbles(bytes);
            TB high = L.HighNibbles(bytes);
            TF scales = L.GroupScales(s + g);
            a0 = Add(0, packed, units, low, high, scales, a0);
            if (TRows.Count > 1)
            {
                a1 = Add(1, packed, units, low, high, scales, a1);
            }

            packed += TRows.Count * 8 * L.Count;
            units += TRows.Count * StepGroups;
        }

        sums[0] = L.Sum(a0);
        if (TRows.Count > 1)
        {
            sums[1] = L.Sum(a1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TRows>(byte* wa, byte* wb, ushort* sa, ushort* sb, byte* packed, int G, float* sums)
        where TRows : struct, IRowCount
    {
        int steps = Steps(G);
        int offsets = Offsets(G);
        float* units = (float*)(packed + ((long)steps * TRows.Count * 8 * L.Count));
        float* offset = units + ((long)steps * TRows.Count * StepGroups);
        TF a0 = L.Zero, a1 = L.Zero, a2 = L.Zero, a3 = L.Zero, a4 = L.Zero, a5 = L.Zero, a6 = L.Zero, a7 = L.Zero;
        TF b0 = L.Zero, b1 = L.Zero, b2 = L.Zero, b3 = L.Zero, b4 = L.Zero, b5 = L.Zero, b6 = L.Zero, b7 = L.Zero;
        for (int i = 0; i < offsets; i++)
        {
            int g = Math.Min(i * L.Count, G - L.Count);
            TF va = L.LoadBFloat16(sa + g);
            TF vb = L.LoadBFloat16(sb + g);
            TF o = L.Load(offset);
            (a0, b0) = (L.Fma(va, o, a0), L.Fma(vb, o, b0));
            if (TRows.Count > 1)
            {
                o = L.Load(offset + L.Count);
                (a1, b1) = (L.Fma(va, o, a1), L.Fma(vb, o, b1));
            }

            if (TRows.Count > 2)
            {
                o = L.Load(offset + (2 * L.Count));
                (a2, b2) = (L.Fma(va, o, a2), L.Fma(vb, o, b2));
                o = L.Load(offset + (3 * L.Count));
                (a3, b3) = (L.Fma(va, o, a3), L.Fma(vb, o, b3));
            }

            if (TRows.Count > 4)
            {
                o = L.Load(offset + (4 * L.Count));
                (a4, b4) = (L.Fma(va, o, a4), L.Fma(vb, o, b4));
                o = L.Load(offset + (5 * L.Count));
                (a5, b5) = (L.Fma(va, o, a5), L.Fma(vb, o, b5));
                o = L.Load(offset + (6 * L.Count));
                (a6, b6) = (L.Fma(va, o, a6), L.Fma(vb, o, b6));
                o = L.Load(offset + (7 * L.Count));
                (a7, b7) = (L.Fma(va, o, a7), L.Fma(vb, o, b7));
            }

            offset += TRows.Count * L.Count;
        }

        for (int step = 0; step < steps; step++)
        {
            int g = Math.Min(step * StepGroups, G - StepGroups);
            // The next pair of rows lies two rows ahead: rows are too short for the hardware to find its stride in each.
            VectorOps.Prefetch(wa + ((g + (2 * G)) * 16));
            VectorOps.Prefetch(wb + ((g + (2 * G)) * 16));
            TB bytes = L.Bytes(wa + (g * 16));
            TB la = L.LowNibbles(bytes);
            TB ha = L.HighNibbles(bytes);
            bytes = L.Bytes(wb + (g * 16));
            TB lb = L.LowNibbles(bytes);
            TB hb = L.HighNibbles(bytes);
            TF va = L.GroupScales(sa + g);
            TF vb = L.GroupScales(sb + g);
            (a0, b0) = (Add(0, packed, units, la, ha, va, a0), Add(0, packed, units, lb, hb, vb, b0));
            if (TRows.Count > 1)
            {
                (a1, b1) = (Add(1, packed, units, la, ha, va, a1), Add(1, packed, units, lb, hb, vb, b1));
            }

            if (TRows.Count > 2)
            {
                (a2, b2) = (Add(2, packed, units, la, ha, va, a2), Add(2, packed, units, lb, hb, vb, b2));
                (a3, b3) = (Add(3, packed, units, la, ha, va, a3), Add(3, packed, units, lb, hb, vb, b3));
            }

            if (TRows.Count > 4)
            {
                (a4, b4) = (Add(4, packed, units, la, ha, va, a4), Add(4, packed, units, lb, hb, vb, b4));
                (a5, b5) = (Add(5, packed, units, la, ha, va, a5), Add(5, packed, units, lb, hb, vb, b5));
                (a6, b6) = (Add(6, packed, units, la, ha, va, a6), Add(6, packed, units, lb, hb, vb, b6));
                (a7, b7) = (Add(7, packed, units, la, ha, va, a7), Add(7, packed, units, lb, hb, vb, b7));
            }

            packed += TRows.Count * 8 * L.Count;
            units += TRows.Count * StepGroups;
        }

        (sums[0], sums[8]) = (L.Sum(a0), L.Sum(b0));
        if (TRows.Count > 1)
        {
            (sums[1], sums[9]) = (L.Sum(a1), L.Sum(b1));
        }

        if (TRows.Count > 2)
        {
            (sums[2], sums[10]) = (L.Sum(a2), L.Sum(b2));
            (sums[3], sums[11]) = (L.Sum(a3), L.Sum(b3));
        }

        if (TRows.Count > 4)
        {
            (sums[4], sums[12]) = (L.Sum(a4), L.Sum(b4));
            (sums[5], sums[13]) = (L.Sum(a5), L.Sum(b5));
            (sums[6], sums[14]) = (L.Sum(a6), L.Sum(b6));
            (sums[7], sums[15]) = (L.Sum(a7), L.Sum(b7));
        }
    }

    /// <summary>One row of the tile: its packed bytes and units are read once per weight row, from the first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TF Add(int r, byte* packed, float* units, TB low, TB high, TF scales, TF sum)
    {
        byte* x = packed + (r * 8 * L.Count);
        TF dot = L.DotNibbles(low, high, L.Bytes(x), L.Bytes(x + (4 * L.Count)));
        return L.Fma(dot, L.Multiply(scales, L.GroupUnits(units + (r * StepGroups))), sum);
    }

    private static int PaddedGroups(int K) => Math.Max(K / 32, L.Count);

    private static int Steps(int G) => (G + StepGroups - 1) / StepGroups;

    private static int Offsets(int G) => (G + L.Count - 1) / L.Count;

    private static void Pad(in WeightRows row, int K, byte* room)
    {
        new Span<byte>(room, PaddedBytes).Clear();
        new ReadOnlySpan<byte>(row.Bytes, K / 2).CopyTo(new Span<byte>(room, 16 * 16));
        new ReadOnlySpan<ushort>(row.Groups, K / 32).CopyTo(new Span<ushort>(room + (16 * 16), 16));
    }
}
