using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width.

/// <content>The last step: partial results become results.</content>
internal static unsafe partial class AttentionDecodeCpu
{
    /// <summary>Joins the blocks of each row and head, in order, and divides by the sum of weights.</summary>
    private struct Join<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public Work<L, TF> Work;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            float* factors = stackalloc float[MostBlocks + 2];
            float* lanes = stackalloc float[16];
            int H = Work.K * Work.G;
            for (int unit = first; unit < end; unit++)
            {
                int t = unit / H;
                int k = unit % H / Work.G;
                int g = unit % Work.G;
                int count = Blocks(Sight.Of(Work.Positions[t], Work.Reach[t], Work.Window)).Count;
                float highest = float.NegativeInfinity;
                for (int i = 0; i < count; i++)
                {
                    highest = Math.Max(highest, *Work.Maximum(Work.Partial(t, k, i), g));
                }

                float sum = 0;
                for (int i = 0; i < count; i++)
                {
                    float* maximum = Work.Maximum(Work.Partial(t, k, i), g);
                    factors[i] = MathF.Exp(*maximum - highest);
                    sum += factors[i] * maximum[Work.G];
                }

                float* to = Work.Out + ((long)unit * Work.W);
                float inverse = count == 0 ? 0 : 1 / sum;
                for (int w = 0; w < Work.W; w += L.Count)
                {
                    TF total = L.Zero;
                    for (int i = 0; i < count; i++)
                    {
                        total = L.Fma(L.Load(Work.Partial(t, k, i) + (g * Work.Padded) + w), L.Create(factors[i]), total);
                    }

                    total = L.Multiply(total, L.Create(inverse));
                    if (w + L.Count <= Work.W)
                    {
                        L.Store(total, to + w);
                    }
                    else
                    {
                        L.Store(total, lanes);
                        new ReadOnlySpan<float>(lanes, Work.W - w).CopyTo(new Span<float>(to + w, Work.W - w));
                    }
                }
            }
        }
    }
}
