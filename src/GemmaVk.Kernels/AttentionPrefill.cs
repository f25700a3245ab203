using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>
/// Attention of many query rows over the cache: prefill. The formula, masks and layouts are <see cref="AttentionDecode"/>'s,
/// with any T. The rows' own keys and values are already in the cache.
/// <code>
/// q [T, H, W] F32    Keys, Values [K, R, W] F32, F16 or Q8 (<see cref="KvRows"/>)    positions, reach [T] I32    out [T, H * W] F32
/// </code>
/// positions are consecutive. Precision: as AttentionDecode; on matrix units factors are rounded to F16 where the cache is F16 or Q8. A row's result does not depend on T. In place: no.
/// Called by: LayerForward for passes of more than eight rows.
/// </summary>
[Kernel("attention of many rows", "arXiv:2205.14135 algorithm 1; masks: transformers masking_utils, sliding window or picture block")]
public static class AttentionPrefill
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(
        BufferHandle Q, KvRows Cache, BufferHandle Positions, BufferHandle Reach, BufferHandle Out, int T, int H, int K, int W, int Window);

    /// <summary>Cost of a call, as <see cref="AttentionDecode.Cost"/>.</summary>
    public static KernelCost Cost(DType format, bool valuesOnly, int T, int H, int K, int W, int window, int position) =>
        AttentionDecode.Cost(format, valuesOnly, T, H, K, W, window, position);

    /// <summary>The oracle.</summary>
    public static void Reference(
        ReadOnlySpan<float> q, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<int> positions, ReadOnlySpan<int> reach,
        Span<float> output, int T, int H, int K, int W, int R, int window) =>
        AttentionDecode.Reference(q, keys, values, positions, reach, output, T, H, K, W, R, window);
}
