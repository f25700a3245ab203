using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Formats;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width, R rows of the cache, P pairs that rotate.

/// <summary>
/// ILGPU twin of <see cref="AttentionDecode"/>: a query head of a row is a group's. It walks over the row's positions in tiles; in
/// one the lanes first own positions, for the scores, and then columns, for the sums. A tile depends on the row's range alone.
/// </summary>
internal sealed class AttentionDecodeIlgpu(KernelLoader loader)
{
    private const int Tile = 64;

    private readonly Attention _attention = new(loader, nameof(AttentionDecode));

    public void Record(LaunchList launches, in AttentionDecode.Args args)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(args.T, MatVec.MaxRows);
        _attention.Record(launches, args);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TFormat, TLanes>(Attention.Call call)
        where TFormat : struct, ICacheFormat
        where TLanes : struct, ILanes
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        ArrayView<float> weights = SharedMemory.Allocate<float>(Tile);
        ArrayView<float> sums = SharedMemory.Allocate<float>(Attention.MostWidth);
        Share rows = new(call.Rows);
        for (long row = rows.From; row < rows.To; row++)
        {
            int t = (int)(row / call.H);
            long head = (int)(row % call.H) / call.G * (long)call.R;
            int first = call.Window == 0 ? 0 : IntrinsicMath.Max(0, call.Positions[t] - call.Window + 1);
            int end = call.Reach[t] + 1;
            for (int w = TLanes.Index; w < call.W; w += TLanes.Count)
            {
                sums[w] = 0;
            }

            float largest = float.NegativeInfinity;
            float total = 0;
            for (int from = first; from < end; from += Tile)
            {
                int count = IntrinsicMath.Min(Tile, end - from);
                float before = largest;
                for (int j = TLanes.Index; j < count; j += TLanes.Count)
                {
                    weights[j] = Score<TFormat>(call, row * call.W, (head + ((from + j) % call.R)) * call.W, from + j);
                    largest = MathF.Max(largest, weights[j]);
                }

                largest = TLanes.Largest(largest, shared);
                float kept = Numbers.Exp(before - largest);
                float sum = 0;
                for (int j = TLanes.Index; j < count; j += TLanes.Count)
                {
                    weights[j] = Numbers.Exp(weights[j] - largest);
                    sum += weights[j];
                }

                total = (total * kept) + TLanes.Sum(sum, shared);
                for (int w = TLanes.Index; w < call.W; w += TLanes.Count)
                {
                    float mix = sums[w] * kept;
                    for (int j = 0; j < count; j++)
                    {
                        mix += weights[j] * TFormat.Value(call.Values, ((head + ((from + j) % call.R)) * call.W) + w);
                    }

                    sums[w] = mix;
                }

                TLanes.Wait();
            }

            for (int w = TLanes.Index; w < call.W; w += TLanes.Count)
            {
                call.Out[(row * call.W) + w] = end > first ? sums[w] / total : 0;
            }
        }
    }

    /// <summary>q . key, where the key may have to be rebuilt from its row's value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Score<TFormat>(in Attention.Call call, long q, long key, int position)
        where TFormat : struct, ICacheFormat
    {
        int half = call.W / 2;
        long coarse = position / KeysFromValues.Step * 2 * call.Pairs;
        long fine = position % KeysFromValues.Step * 2 * call.Pairs;
        float score = 0;
        for (int i = 0; i < half; i++)
        {
            float a = TFormat.Value(call.Keys, key + i);
            float b = TFormat.Value(call.Keys, key + half + i);
            if (call.Pairs >= 0)
            {
                a *= call.Norm[i];
                b *= call.Norm[half + i];
                if (i < call.Pairs)
                {
                    float cosA = call.Coarse[coarse + i];
                    float sinA = call.Coarse[coarse + call.Pairs + i];
                    float cosB = call.Fine[fine + i];
                    float sinB = call.Fine[fine + call.Pairs + i];
                    RopeIlgpu.Turn(a, b, (cosA * cosB) - (sinA * sinB), (sinA * cosB) + (cosA * sinB), out a, out b);
                }
            }

            score += (call.Q[q + i] * a) + (call.Q[q + half + i] * b);
        }

        return score;
    }
}
