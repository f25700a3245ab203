using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass (1 to 8), H query heads, K KV heads, G = H / K, W head width, R rows of the cache.

/// <summary>
/// Attention of one to eight query rows over the cache, grouped-query: query head h reads KV head h / G.
/// <code>
/// row t sees positions j with  max(0, positions[t] - window + 1) &lt;= j &lt;= reach[t]      (window 0: from 0)
/// out[t, h, :] = sum_j softmax_j(q[t, h, :] . Keys[h/G, j mod R, :]) * Values[h/G, j mod R, :]
/// q [T, H, W] F32    Keys, Values [K, R, W] F32, F16 or Q8 (<see cref="KvRows"/>)    positions, reach [T] I32    out [T, H * W] F32
/// </code>
/// Score scale is 1 and there is no cap on scores. reach is the row's own position, or the last row of its picture's
/// block, or (drafter) the newest row of a cache that is not its own. A row with nothing to see gives zeros. Keys that are
/// rebuilt from values are so before the product; only positions that some row sees are read.
/// Precision: scores, running maximum and sums in F32; on matrix units keys that are rebuilt, and keys and values of Q8, are rounded
/// to halves. A row's result must not depend on T, bit for bit on one device: how positions are split among workers is a function of
/// the row's own range alone. In place: no.
/// Called by: HalfLayers for passes of up to eight rows, those of drafters included, where the result stays floats; <see cref="AttentionDecodeQuantize"/> where not.
/// </summary>
[Kernel("attention of one to eight rows", "arXiv:2205.14135 (online softmax); transformers gemma4_unified: eager_attention_forward, scaling 1.0")]
public static class AttentionDecode
{
    /// <summary>
    /// Arguments; shapes are in the kernel's summary. First is the row of q, positions, reach and out where the T rows begin: a pass
    /// may hold rows of several sessions, and each session's look at its own cache.
    /// </summary>
    public readonly record struct Args(
        BufferHandle Q, KvRows Cache, BufferHandle Positions, BufferHandle Reach, BufferHandle Out, int T, int H, int K, int W, int Window,
        int First = 0);

    /// <summary>
    /// Cost of rows from a position on: every cached row that some query sees once, and four operations per query head, value and
    /// position it sees. What rebuilding keys takes is not counted: it is a way of saving bytes.
    /// </summary>
    public static KernelCost Cost(DType format, bool valuesOnly, int T, int H, int K, int W, int window, int position)
    {
        double pairs = 0;
        for (int t = 0; t < T; t++)
        {
            int seen = position + t + 1;
            pairs += window == 0 ? seen : Math.Min(seen, window);
        }

        double rows = window == 0 ? position + T : Math.Min(position + T, window + T - 1);
        double cache = K * rows * QuantBlocks.MatrixBytes(format, 1, W) * (valuesOnly ? 1 : 2);
        return new(cache + ((double)T * H * W * 2 * sizeof(float)), 4 * pairs * H * W);
    }

    /// <summary>The oracle, for keys and values in F32: softmax in F64.</summary>
    public static void Reference(
        ReadOnlySpan<float> q, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<int> positions, ReadOnlySpan<int> reach,
        Span<float> output, int T, int H, int K, int W, int R, int window)
    {
        for (int t = 0; t < T; t++)
        {
            int first = window == 0 ? 0 : Math.Max(0, positions[t] - window + 1);
            int count = Math.Max(0, reach[t] - first + 1);
            double[] score = new double[count];
            double[] sum = new double[W];
            for (int h = 0; h < H; h++)
            {
                int head = h / (H / K) * R;
                double max = double.NegativeInfinity;
                for (int j = 0; j < count; j++)
                {
                    score[j] = 0;
                    for (int w = 0; w < W; w++)
                    {
                        score[j] += (double)q[(((t * H) + h) * W) + w] * keys[((head + ((first + j) % R)) * W) + w];
                    }

                    max = Math.Max(max, score[j]);
                }

                double total = 0;
                Array.Clear(sum);
                for (int j = 0; j < count; j++)
                {
                    double weight = Math.Exp(score[j] - max);
                    total += weight;
                    for (int w = 0; w < W; w++)
                    {
                        sum[w] += weight * values[((head + ((first + j) % R)) * W) + w];
                    }
                }

                for (int w = 0; w < W; w++)
                {
                    output[(((t * H) + h) * W) + w] = count == 0 ? 0 : (float)(sum[w] / total);
                }
            }
        }
    }
}
