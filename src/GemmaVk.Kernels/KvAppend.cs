using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, K KV heads, W head width, R rows of the cache (its capacity), g group of 32 columns.

/// <summary>
/// Writes the keys and values of this pass into a layer's cache.
/// <code>
/// Keys[k, positions[t] mod R, w] = key[t, k, w]          Values likewise
/// key, value [T, K, W] F32    positions [T] I32    Keys, Values [K, R, W] F32, F16 or Q8 (<see cref="KvRows"/>)
/// Q8:  scale[g] = bf16(absmax_g(x) * (1/127))    q[w] = round_half_even(x[w] / scale[g])   in -127 .. 127
///      a scale below 2^-126 counts as zero, and all steps of a group with scale zero are zero
/// </code>
/// A sliding layer's cache is a ring of R rows; a full layer's has R at least the context, so the same rule serves both.
/// The rows are those from First on: a pass may hold rows of several sessions, each of which writes into its own cache.
/// Without Keys only values are written. Head-major, because attention walks along positions of one head. F16 and BF16
/// round to nearest even; a step is counted in the rounded scale, so that its rounding adds nothing to the error. Two
/// devices may differ by one step where x / scale lies on a half. T is at most R. In place: no.
/// Called by: LayerForward, once per layer of many rows; for few, <see cref="RmsNormRopeAppend"/> does it.
/// </summary>
[Kernel("keys and values into the cache", "transformers cache_utils: Cache.update; arXiv:2208.07339 section 2 (absmax, per group); spec of the ring in KvCache.cs")]
public static class KvAppend
{
    /// <summary>The smallest normal float: devices may read smaller ones as zero, and their inverse can be infinite.</summary>
    public const float LeastScale = 1.17549435e-38f;

    /// <summary>
    /// Arguments; shapes are in the kernel's summary. Key is null where the cache holds values only. First is the row of key,
    /// value and positions where the T rows begin.
    /// </summary>
    public readonly record struct Args(BufferHandle? Key, BufferHandle Value, KvRows Cache, BufferHandle Positions, int T, int K, int W, int First = 0);

    /// <summary>Cost of T rows: floats in, rows of the cache's format out.</summary>
    public static KernelCost Cost(DType format, bool valuesOnly, int T, int K, int W) =>
        new((double)T * K * (valuesOnly ? 1 : 2) * ((W * sizeof(float)) + QuantBlocks.MatrixBytes(format, 1, W)), format == DType.Q8 ? 4.0 * T * K * W * (valuesOnly ? 1 : 2) : 0);

    /// <summary>The oracle, for the keys or the values of an F32 cache.</summary>
    public static void Reference(ReadOnlySpan<float> rows, ReadOnlySpan<int> positions, Span<float> cache, int T, int K, int W, int R)
    {
        for (int t = 0; t < T; t++)
        {
            for (int k = 0; k < K; k++)
            {
                rows.Slice(((t * K) + k) * W, W).CopyTo(cache[(((k * R) + (positions[t] % R)) * W)..]);
            }
        }
    }

    /// <summary>The oracle of Q8, for any number of whole groups.</summary>
    public static void Quantise(ReadOnlySpan<float> x, Span<sbyte> q, Span<ushort> scale)
    {
        for (int g = 0; g < x.Length / QuantBlocks.GroupSize; g++)
        {
            float absmax = 0;
            for (int w = g * 32; w < (g + 1) * 32; w++)
            {
                absmax = MathF.Max(absmax, MathF.Abs(x[w]));
            }

            float exact = absmax * (1f / 127);
            scale[g] = exact < LeastScale ? (ushort)0 : BFloat16.FromSingle(exact);
            float unit = BFloat16.ToSingle(scale[g]);
            float inverse = unit == 0 ? 0 : 1 / unit;
            for (int w = g * 32; w < (g + 1) * 32; w++)
            {
                q[w] = (sbyte)Math.Clamp(MathF.Round(x[w] * inverse, MidpointRounding.ToEven), -127, 127);
            }
        }
    }
}
