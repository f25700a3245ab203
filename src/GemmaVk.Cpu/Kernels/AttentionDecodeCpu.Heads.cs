using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, G query heads of one KV head, W head width, P pairs that rotate.

/// <content>Units where a lane is a head.</content>
internal static unsafe partial class AttentionDecodeCpu
{
    /// <summary>
    /// The work of <see cref="Work{L, TF}"/> on tiles of <see cref="HeadTile"/>. Where keys are rebuilt from values, only the columns that rotate
    /// are: of the others a key is its value times a weight, which the queries have taken on before.
    /// </summary>
    private struct HeadWork<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public Work<L, TF> Work;

        /// <summary>Floats that a worker needs.</summary>
        public static long Workspace(in KvTiles cache, int T, int G, int W, int padded)
        {
            long tiles = HeadTile.Rows * ((long)Stride(padded) + (cache.ValuesOnly ? Stride(2 * cache.Pairs) : 0));
            // Scores are written by eights: the last may reach past their row.
            return tiles + ((long)T * W * G) + (((long)T * HeadTile.Rows) + 8) * G + G;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int unit = first; unit < end; unit++)
            {
                (int k, int start, int last) = Work.Place(unit);
                Unit(k, start, last, Work.Room(worker));
            }
        }

        /// <summary>Rows that begin in different sets of the first-level cache.</summary>
        private static int Stride(int columns) => columns + 16;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Unit(int k, int start, int last, float* workspace)
        {
            (int T, int G, int W, int P) = (Work.T, Work.G, Work.W, Work.Cache.Pairs);
            int stride = Stride(Work.Padded), turnedStride = Stride(2 * P);
            float* tile = workspace;
            float* turned = tile + ((long)HeadTile.Rows * stride);
            float* q = turned + (Work.Cache.ValuesOnly ? (long)HeadTile.Rows * turnedStride : 0);
            float* decay = q + ((long)T * W * G);
            float* score = decay + G;
            for (int j = 0; Work.Padded > W && j < HeadTile.Rows; j++)
            {
                new Span<float>(tile + ((long)j * stride) + W, Work.Padded - W).Clear();
            }

            for (int t = 0; t < T; t++)
            {
                Queries(t, k, q + ((long)t * W * G));
                Work.Open(t, k, start, last);
            }

            for (int at = Math.Max(start, Work.First / HeadTile.Rows * HeadTile.Rows); at <= last; at += HeadTile.Rows)
            {
                int from = Math.Max(Work.First - at, 0);
                int to = Math.Min(last - at + 1, HeadTile.Rows);
                for (int j = from; j < to; j++)
                {
                    float* row = tile + ((long)j * stride);
                    if (Work.Cache.ValuesOnly)
                    {
                        Work.Cache.Stored<L, TF>(k, at + j, row);
                        Work.Cache.Turn<L, TF>(row, at + j, turned + ((long)j * turnedStride), turned + ((long)j * turnedStride) + P);
                    }
                    else
                    {
                        Work.Cache.Key<L, TF>(k, at + j, row, row);
                    }
                }

                for (int t = 0; t < T; t++)
                {
                    (int seen, int unseen) = Work.Within(t, at, HeadTile.Rows);
                    if (seen < unseen)
                    {
                        Scores(q + ((long)t * W * G), tile, turned, seen, unseen, score + ((long)t * HeadTile.Rows * G));
                    }
                }

                for (int j = from; j < to; j++)
                {
                    Work.Cache.Value<L, TF>(k, at + j, tile + ((long)j * stride));
                }

                TileAhead ahead = at + HeadTile.Rows <= last ? Work.Cache.Ahead(k, at + HeadTile.Rows, HeadTile.Rows) : default;
                for (int t = 0; t < T; t++)
                {
                    (int seen, int unseen) = Work.Within(t, at, HeadTile.Rows);
                    if (seen < unseen)
                    {
                        float* partial = Work.Partial(t, k, Work.BlockOf(t, at));
                        float* weight = score + ((long)t * HeadTile.Rows * G);
                        HeadTile.Weigh<L, TF>(weight, seen, unseen, Work.Maximum(partial, 0), decay, G);
                        HeadTile.AddValues<L, TF>(tile, stride, weight, seen, unseen, decay, partial, G, Work.Padded, ahead);
                        ahead = default;
                    }
                }
            }
        }

        /// <summary>A row's queries [W, G] in the order in which the parts of a key are met: rotating columns first, the others with the weight of their values.</summary>
        private readonly void Queries(int t, int k, float* to)
        {
            (int G, int W, int P) = (Work.G, Work.W, Work.Cache.Pairs);
            int half = W / 2;
            float* from = Work.Heads(t, k);
            for (int i = 0; i < W; i++)
            {
                int w = !Work.Cache.ValuesOnly ? i : i < P ? i : i < 2 * P ? i - P + half : i < half + P ? i - P : i;
                float weight = Work.Cache.ValuesOnly && i >= 2 * P ? Work.Cache.Norm[w] : 1;
                for (int g = 0; g < G; g++)
                {
                    to[(i * G) + g] = from[(g * W) + w] * weight;
                }
            }
        }

        private readonly void Scores(float* q, float* tile, float* turned, int seen, int unseen, float* score)
        {
            (int G, int W, int P) = (Work.G, Work.W, Work.Cache.Pairs);
            int stride = Stride(Work.Padded);
            if (!Work.Cache.ValuesOnly)
            {
                HeadTile.Scores<L, TF>(q, tile, stride, W, seen, unseen, score, G, add: false);
                return;
            }

            int half = W / 2;
            HeadTile.Scores<L, TF>(q, turned, Stride(2 * P), 2 * P, seen, unseen, score, G, add: false);
            HeadTile.Scores<L, TF>(q + (2L * P * G), tile + P, stride, half - P, seen, unseen, score, G, add: P > 0);
            HeadTile.Scores<L, TF>(q + ((long)(half + P) * G), tile + half + P, stride, half - P, seen, unseen, score, G, add: true);
        }
    }
}
