using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: G query heads of one KV head, Padded head width in whole vectors.

/// <summary>The two products of decode attention on a tile of widened rows that lies in the first-level cache.</summary>
internal static unsafe class DecodeTile
{
    /// <summary>Positions per tile: 16 rows of 512 floats fit the cache.</summary>
    public const int Rows = 16;

    /// <summary>score[g, j] = q[g, :] . tile[j, :] for from &lt;= j &lt; to, elsewhere minus infinity; up to three floats after the last row are scratch. Two heads and four positions share their loads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scores<L, TF>(float* q, float* tile, int from, int to, float* score, int G, int Padded)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        for (int g = 0; g < G; g += 2)
        {
            int next = Math.Min(g + 1, G - 1);
            float* qa = q + (g * Padded);
            float* qb = q + (next * Padded);
            for (int j = from; j < to; j += 4)
            {
                float* k0 = tile + (j * Padded);
                float* k1 = tile + (Math.Min(j + 1, to - 1) * Padded);
                float* k2 = tile + (Math.Min(j + 2, to - 1) * Padded);
                float* k3 = tile + (Math.Min(j + 3, to - 1) * Padded);
                TF a0 = L.Zero, a1 = L.Zero, a2 = L.Zero, a3 = L.Zero, b0 = L.Zero, b1 = L.Zero, b2 = L.Zero, b3 = L.Zero;
                for (int w = 0; w < Padded; w += L.Count)
                {
                    TF a = L.Load(qa + w);
                    TF b = L.Load(qb + w);
                    TF key = L.Load(k0 + w);
                    (a0, b0) = (L.Fma(a, key, a0), L.Fma(b, key, b0));
                    key = L.Load(k1 + w);
                    (a1, b1) = (L.Fma(a, key, a1), L.Fma(b, key, b1));
                    key = L.Load(k2 + w);
                    (a2, b2) = (L.Fma(a, key, a2), L.Fma(b, key, b2));
                    key = L.Load(k3 + w);
                    (a3, b3) = (L.Fma(a, key, a3), L.Fma(b, key, b3));
                }

                float* rowA = score + (g * Rows) + j;
                float* rowB = score + (next * Rows) + j;
                (rowA[0], rowA[1], rowA[2], rowA[3]) = (L.Sum(a0), L.Sum(a1), L.Sum(a2), L.Sum(a3));
                (rowB[0], rowB[1], rowB[2], rowB[3]) = (L.Sum(b0), L.Sum(b1), L.Sum(b2), L.Sum(b3));
            }

            Hide(score + (g * Rows), from, to);
            Hide(score + (next * Rows), from, to);
        }
    }

    /// <summary>sums = sums * decay + sum_j weight[j] * tile[j, :] over from &lt;= j &lt; to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddValues<L, TF>(float* tile, float* weight, int from, int to, TF decay, float* sums, int Padded)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int w = 0;
        for (; w + (4 * L.Count) <= Padded; w += 4 * L.Count)
        {
            TF a0 = L.Multiply(L.Load(sums + w), decay);
            TF a1 = L.Multiply(L.Load(sums + w + L.Count), decay);
            TF a2 = L.Multiply(L.Load(sums + w + (2 * L.Count)), decay);
            TF a3 = L.Multiply(L.Load(sums + w + (3 * L.Count)), decay);
            float* row = tile + (from * Padded) + w;
            for (int j = from; j < to; j++, row += Padded)
            {
                TF p = L.Create(weight[j]);
                a0 = L.Fma(p, L.Load(row), a0);
                a1 = L.Fma(p, L.Load(row + L.Count), a1);
                a2 = L.Fma(p, L.Load(row + (2 * L.Count)), a2);
                a3 = L.Fma(p, L.Load(row + (3 * L.Count)), a3);
            }

            L.Store(a0, sums + w);
            L.Store(a1, sums + w + L.Count);
            L.Store(a2, sums + w + (2 * L.Count));
            L.Store(a3, sums + w + (3 * L.Count));
        }

        for (; w < Padded; w += L.Count)
        {
            TF a = L.Multiply(L.Load(sums + w), decay);
            for (int j = from; j < to; j++)
            {
                a = L.Fma(L.Create(weight[j]), L.Load(tile + (j * Padded) + w), a);
            }

            L.Store(a, sums + w);
        }
    }

    /// <summary>
    /// <see cref="AddValues"/> for two heads whose weights and sums follow each other: they share the loads of the tile, and
    /// each adds in the same order as alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddValuesOfTwo<L, TF>(float* tile, float* weight, int from, int to, TF decay, TF next, float* sums, int Padded)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int w = 0;
        for (; w + (4 * L.Count) <= Padded; w += 4 * L.Count)
        {
            float* a = sums + w;
            float* b = a + Padded;
            TF a0 = L.Multiply(L.Load(a), decay);
            TF a1 = L.Multiply(L.Load(a + L.Count), decay);
            TF a2 = L.Multiply(L.Load(a + (2 * L.Count)), decay);
            TF a3 = L.Multiply(L.Load(a + (3 * L.Count)), decay);
            TF b0 = L.Multiply(L.Load(b), next);
            TF b1 = L.Multiply(L.Load(b + L.Count), next);
            TF b2 = L.Multiply(L.Load(b + (2 * L.Count)), next);
            TF b3 = L.Multiply(L.Load(b + (3 * L.Count)), next);
            float* row = tile + (from * Padded) + w;
            for (int j = from; j < to; j++, row += Padded)
            {
                TF p = L.Create(weight[j]);
                TF q = L.Create(weight[Rows + j]);
                TF value = L.Load(row);
                (a0, b0) = (L.Fma(p, value, a0), L.Fma(q, value, b0));
                value = L.Load(row + L.Count);
                (a1, b1) = (L.Fma(p, value, a1), L.Fma(q, value, b1));
                value = L.Load(row + (2 * L.Count));
                (a2, b2) = (L.Fma(p, value, a2), L.Fma(q, value, b2));
                value = L.Load(row + (3 * L.Count));
                (a3, b3) = (L.Fma(p, value, a3), L.Fma(q, value, b3));
            }

            L.Store(a0, a);
            L.Store(a1, a + L.Count);
            L.Store(a2, a + (2 * L.Count));
            L.Store(a3, a + (3 * L.Count));
            L.Store(b0, b);
            L.Store(b1, b + L.Count);
            L.Store(b2, b + (2 * L.Count));
            L.Store(b3, b + (3 * L.Count));
        }

        for (; w < Padded; w += L.Count)
        {
            TF a = L.Multiply(L.Load(sums + w), decay);
            TF b = L.Multiply(L.Load(sums + Padded + w), next);
            for (int j = from; j < to; j++)
            {
                TF value = L.Load(tile + (j * Padded) + w);
                (a, b) = (L.Fma(L.Create(weight[j]), value, a), L.Fma(L.Create(weight[Rows + j]), value, b));
            }

            L.Store(a, sums + w);
            L.Store(b, sums + Padded + w);
        }
    }

    private static void Hide(float* score, int from, int to)
    {
        new Span<float>(score, from).Fill(float.NegativeInfinity);
        new Span<float>(score + to, Rows - to).Fill(float.NegativeInfinity);
    }
}
