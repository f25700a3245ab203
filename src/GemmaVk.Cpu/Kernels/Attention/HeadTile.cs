using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: G query heads of one KV head, a multiple of C floats per vector; Padded head width in pairs of vectors.

/// <summary>
/// The two products of decode attention where so many query heads share a KV head that they fill vectors: a lane is a head. A cached row is
/// widened once for all of them and stays in the second-level cache; what is read again and again (a span of the queries, the sums of
/// two vectors of columns) stays in the first. No sum runs across lanes, so that nothing but multiply-adds and their loads is left.
/// </summary>
internal static unsafe class HeadTile
{
    /// <summary>Positions per tile: sums are loaded and stored once per tile.</summary>
    public const int Rows = 64;

    /// <summary>Positions that share the load of a query.</summary>
    private const int Together = 8;

    /// <summary>Columns of the queries that stay in the first-level cache; a longer sum is one of partial sums.</summary>
    private const int SpanColumns = 128;

    /// <summary>
    /// score[j, g] = sum_w q[w, g] * tile[j, w] for from &lt;= j &lt; to, or added to what is there. Up to seven rows behind the last are scratch.
    /// </summary>
    /// <param name="q">[columns, G].</param>
    /// <param name="tile">[Rows, stride].</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="columns">How many columns are multiplied.</param>
    /// <param name="from">First position.</param>
    /// <param name="to">The position behind the last.</param>
    /// <param name="score">[Rows, G].</param>
    /// <param name="G">Query heads.</param>
    /// <param name="add">False for the first part of a sum.</param>
    public static void Scores<L, TF>(float* q, float* tile, int stride, int columns, int from, int to, float* score, int G, bool add)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        for (int first = 0; first < columns; first += SpanColumns)
        {
            Span<L, TF>(q + ((long)first * G), tile + first, stride, Math.Min(SpanColumns, columns - first), from, to, score, G, add || first > 0);
        }
    }

    /// <summary>Turns scores into weights on the scale of each head's running maximum, and notes how much older sums shrink.</summary>
    /// <param name="score">[Rows, G], in place.</param>
    /// <param name="from">First position.</param>
    /// <param name="to">The position behind the last, above <paramref name="from"/>.</param>
    /// <param name="maximum">[2, G]: running maxima, and running sums of weights.</param>
    /// <param name="decay">[G].</param>
    /// <param name="G">Query heads.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weigh<L, TF>(float* score, int from, int to, float* maximum, float* decay, int G)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        for (int g = 0; g < G; g += L.Count)
        {
            TF before = L.Load(maximum + g);
            TF highest = before;
            for (int j = from; j < to; j++)
            {
                highest = L.Max(L.Load(score + (j * G) + g), highest);
            }

            TF shrink = VectorOps.Exp<L, TF>(L.Subtract(before, highest));
            TF sum = L.Multiply(L.Load(maximum + G + g), shrink);
            for (int j = from; j < to; j++)
            {
                float* at = score + (j * G) + g;
                TF weight = VectorOps.Exp<L, TF>(L.Subtract(L.Load(at), highest));
                sum = L.Add(sum, weight);
                L.Store(weight, at);
            }

            L.Store(highest, maximum + g);
            L.Store(sum, maximum + G + g);
            L.Store(shrink, decay + g);
        }
    }

    /// <summary>sums[g, :] = sums[g, :] * decay[g] + sum_j weight[j, g] * tile[j, :] over from &lt;= j &lt; to.</summary>
    /// <param name="tile">[Rows, stride].</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="weight">[Rows, G].</param>
    /// <param name="from">First position.</param>
    /// <param name="to">The position behind the last.</param>
    /// <param name="decay">[G].</param>
    /// <param name="sums">[G, Padded].</param>
    /// <param name="G">Query heads, a multiple of 4.</param>
    /// <param name="Padded">A multiple of two vectors.</param>
    /// <param name="ahead">What the next tile will be filled from: asked for on the way, so that filling does not wait for memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddValues<L, TF>(float* tile, int stride, float* weight, int from, int to, float* decay, float* sums, int G, int Padded, TileAhead ahead)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int piece = ahead.Piece(Padded / (2 * L.Count) * (G / 4));
        for (int w = 0; w < Padded; w += 2 * L.Count)
        {
            for (int g = 0; g < G; g += 4)
            {
                ahead.Ask(piece);
                float* s0 = sums + ((long)g * Padded) + w;
                float* s1 = s0 + Padded;
                float* s2 = s1 + Padded;
                float* s3 = s2 + Padded;
                TF d0 = L.Create(decay[g]), d1 = L.Create(decay[g + 1]), d2 = L.Create(decay[g + 2]), d3 = L.Create(decay[g + 3]);
                TF x0 = L.Multiply(L.Load(s0), d0), y0 = L.Multiply(L.Load(s0 + L.Count), d0);
                TF x1 = L.Multiply(L.Load(s1), d1), y1 = L.Multiply(L.Load(s1 + L.Count), d1);
                TF x2 = L.Multiply(L.Load(s2), d2), y2 = L.Multiply(L.Load(s2 + L.Count), d2);
                TF x3 = L.Multiply(L.Load(s3), d3), y3 = L.Multiply(L.Load(s3 + L.Count), d3);
                float* row = tile + ((long)from * stride) + w;
                float* p = weight + (from * G) + g;
                for (int j = from; j < to; j++, row += stride, p += G)
                {
                    TF first = L.Load(row);
                    TF second = L.Load(row + L.Count);
                    TF factor = L.Create(p[0]);
                    (x0, y0) = (L.Fma(factor, first, x0), L.Fma(factor, second, y0));
                    factor = L.Create(p[1]);
                    (x1, y1) = (L.Fma(factor, first, x1), L.Fma(factor, second, y1));
                    factor = L.Create(p[2]);
                    (x2, y2) = (L.Fma(factor, first, x2), L.Fma(factor, second, y2));
                    factor = L.Create(p[3]);
                    (x3, y3) = (L.Fma(factor, first, x3), L.Fma(factor, second, y3));
                }

                L.Store(x0, s0);
                L.Store(y0, s0 + L.Count);
                L.Store(x1, s1);
                L.Store(y1, s1 + L.Count);
                L.Store(x2, s2);
                L.Store(y2, s2 + L.Count);
                L.Store(x3, s3);
                L.Store(y3, s3 + L.Count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Span<L, TF>(float* q, float* tile, int stride, int columns, int from, int to, float* score, int G, bool add)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        for (int j = from; j < to; j += Together)
        {
            float* k0 = Row(tile, stride, j, to), k1 = Row(tile, stride, j + 1, to), k2 = Row(tile, stride, j + 2, to), k3 = Row(tile, stride, j + 3, to);
            float* k4 = Row(tile, stride, j + 4, to), k5 = Row(tile, stride, j + 5, to), k6 = Row(tile, stride, j + 6, to), k7 = Row(tile, stride, j + 7, to);
            for (int g = 0; g < G; g += L.Count)
            {
                TF a0 = L.Zero, a1 = L.Zero, a2 = L.Zero, a3 = L.Zero, a4 = L.Zero, a5 = L.Zero, a6 = L.Zero, a7 = L.Zero;
                float* at = q + g;
                for (int w = 0; w < columns; w++, at += G)
                {
                    TF query = L.Load(at);
                    a0 = L.Fma(query, L.Create(k0[w]), a0);
                    a1 = L.Fma(query, L.Create(k1[w]), a1);
                    a2 = L.Fma(query, L.Create(k2[w]), a2);
                    a3 = L.Fma(query, L.Create(k3[w]), a3);
                    a4 = L.Fma(query, L.Create(k4[w]), a4);
                    a5 = L.Fma(query, L.Create(k5[w]), a5);
                    a6 = L.Fma(query, L.Create(k6[w]), a6);
                    a7 = L.Fma(query, L.Create(k7[w]), a7);
                }

                float* to0 = score + (j * G) + g;
                Put<L, TF>(a0, to0, add);
                Put<L, TF>(a1, to0 + G, add);
                Put<L, TF>(a2, to0 + (2 * G), add);
                Put<L, TF>(a3, to0 + (3 * G), add);
                Put<L, TF>(a4, to0 + (4 * G), add);
                Put<L, TF>(a5, to0 + (5 * G), add);
                Put<L, TF>(a6, to0 + (6 * G), add);
                Put<L, TF>(a7, to0 + (7 * G), add);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Row(float* tile, int stride, int j, int to) => tile + ((long)Math.Min(j, to - 1) * stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<L, TF>(TF sum, float* to, bool add)
        where L : struct, ILanes<TF>
        where TF : unmanaged => L.Store(add ? L.Add(L.Load(to), sum) : sum, to);
}
