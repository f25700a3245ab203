using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, G query heads of one KV head, W head width.

/// <content>Units where a lane is a column.</content>
internal static unsafe partial class AttentionDecodeCpu
{
    private partial struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int unit = first; unit < end; unit++)
            {
                (int k, int start, int last) = Place(unit);
                Unit(k, start, last, Room(worker));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Unit(int k, int start, int last, float* workspace)
        {
            float* keys = workspace;
            // Where values are read after the keys, they take the keys' place.
            float* values = Cache.ValuesOnly ? keys + (DecodeTile.Rows * Padded) : keys;
            float* q = values + (DecodeTile.Rows * Padded);
            float* score = q + ((long)T * G * Padded);
            new Span<float>(workspace, (int)WorkspaceSize).Clear();
            for (int t = 0; t < T; t++)
            {
                for (int g = 0; g < G; g++)
                {
                    Buffer.MemoryCopy(Q + ((((((long)t * K) + k) * G) + g) * W), q + ((long)((t * G) + g) * Padded), W * 4, W * 4);
                }

                Open(t, k, start, last);
            }

            for (int at = Math.Max(start, First / DecodeTile.Rows * DecodeTile.Rows); at <= last; at += DecodeTile.Rows)
            {
                int from = Math.Max(First - at, 0);
                int to = Math.Min(last - at + 1, DecodeTile.Rows);
                for (int j = from; j < to; j++)
                {
                    Cache.Key<L, TF>(k, at + j, keys + (j * Padded), values + (j * Padded));
                }

                for (int t = 0; t < T; t++)
                {
                    (int seen, int unseen) = Within(t, at, DecodeTile.Rows);
                    if (seen < unseen)
                    {
                        DecodeTile.Scores<L, TF>(
                            q + ((long)t * G * Padded), keys, seen, unseen, score + (t * G * DecodeTile.Rows), G, Padded);
                    }
                }

                for (int j = from; j < to; j++)
                {
                    Cache.Value<L, TF>(k, at + j, values + (j * Padded));
                }

                for (int t = 0; t < T; t++)
                {
                    (int seen, int unseen) = Within(t, at, DecodeTile.Rows);
                    if (seen < unseen)
                    {
                        Add(Partial(t, k, BlockOf(t, at)), score + (t * G * DecodeTile.Rows), values, seen, unseen);
                    }
                }
            }
        }

        /// <summary>Turns scores into weights and adds the weighted values to a partial result, two heads at a time.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Add(float* partial, float* score, float* tile, int from, int to)
        {
            for (int g = 0; g < G; g += 2)
            {
                float* weight = score + (g * DecodeTile.Rows);
                float* sums = partial + (g * Padded);
                TF decay = Weigh(weight, Maximum(partial, g));
                if (g + 1 == G)
                {
                    DecodeTile.AddValues<L, TF>(tile, weight, from, to, decay, sums, Padded);
                }
                else
                {
                    TF next = Weigh(weight + DecodeTile.Rows, Maximum(partial, g + 1));
                    DecodeTile.AddValuesOfTwo<L, TF>(tile, weight, from, to, decay, next, sums, Padded);
                }
            }
        }

        /// <summary>A head's weights on the scale of its running maximum; returns how much its older sums shrink.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly TF Weigh(float* weight, float* maximum)
        {
            float highest = VectorOps.Largest<L, TF>(weight, DecodeTile.Rows, *maximum);
            TF decay = VectorOps.Exp<L, TF>(L.Create(*maximum == highest ? 0 : *maximum - highest));
            TF sum = L.Zero;
            for (int j = 0; j < DecodeTile.Rows; j += L.Count)
            {
                TF e = VectorOps.Exp<L, TF>(L.Subtract(L.Load(weight + j), L.Create(highest)));
                sum = L.Add(sum, e);
                L.Store(e, weight + j);
            }

            *maximum = highest;
            maximum[G] = (maximum[G] * L.Largest(decay)) + L.Sum(sum);
            return decay;
        }
    }
}
