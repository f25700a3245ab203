using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>
/// All that lies between the products of attention and attention itself: norms and rotation of queries and keys, the norm of values,
/// and the new rows into the cache.
/// <code>
/// q                              = RmsNormRope(q, qWeight, angles)
/// Keys[k, positions[t] mod R]    = RmsNormRope(key, kWeight, angles)       where the cache has keys
/// Values[k, positions[t] mod R]  = RmsNorm(raw)                            without weight
/// q [T, H, W], key, raw, value [T, K, W], angles [T, W], qWeight, kWeight [W] F32    positions [T] I32    Keys, Values: KvAppend
/// </code>
/// raw is value itself, or key where keys and values are one projection. The rows are those from First on. Precision: as its parts;
/// what goes into the cache may stay unrounded until then. In place: q is replaced; key and value are undefined afterwards.
/// Called by: LayerForward for passes of up to eight rows, once per layer and session.
/// </summary>
[Kernel("head norms, rotation, and the new rows into the cache", "transformers gemma4_unified: Gemma4UnifiedTextAttention.forward, q_norm to past_key_values.update")]
public static class RmsNormRopeAppend
{
    /// <summary>Arguments; shapes are in the kernel's summary. First is the row of all inputs where the T rows begin.</summary>
    public readonly record struct Args(
        BufferHandle Q, BufferHandle Key, BufferHandle Raw, BufferHandle Value, BufferHandle QWeight, BufferHandle KWeight, BufferHandle Angles,
        KvRows Cache, BufferHandle Positions, int T, int H, int K, int W, float Eps, int First = 0);

    /// <summary>Cost of T rows: queries read and written, keys and values read once and written in the cache's format.</summary>
    public static KernelCost Cost(DType format, bool valuesOnly, int T, int H, int K, int W)
    {
        KernelCost append = KvAppend.Cost(format, valuesOnly, T, K, W), queries = RmsNormRope.Cost(T, H, W);
        return new(append.Bytes + queries.Bytes, append.Operations + queries.Operations + (3.0 * T * K * W) + (valuesOnly ? 0 : 7.0 * T * K * W));
    }

    /// <summary>The oracle: the references it fuses, for a cache in F32. Empty <paramref name="keys"/>: the cache has none.</summary>
    public static void Reference(
        Span<float> q, ReadOnlySpan<float> key, ReadOnlySpan<float> raw, ReadOnlySpan<float> qWeight, ReadOnlySpan<float> kWeight, ReadOnlySpan<float> angles,
        ReadOnlySpan<int> positions, Span<float> keys, Span<float> values, int T, int H, int K, int W, int R, float eps)
    {
        RmsNormRope.Reference(q, qWeight, angles, q, T, H, W, eps);
        float[] row = new float[T * K * W];
        RmsNorm.Reference(raw, null, row, T * K, W, eps);
        KvAppend.Reference(row, positions, values, T, K, W, R);
        if (!keys.IsEmpty)
        {
            RmsNormRope.Reference(key, kWeight, angles, row, T, K, W, eps);
            KvAppend.Reference(row, positions, keys, T, K, W, R);
        }
    }
}
