using System;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, K KV heads, W head width, R rows of the cache (its capacity).

/// <summary>
/// Writes the keys and values of this pass into a layer's cache.
/// <code>
/// KCache[k, positions[t] mod R, w] = key[t, k, w]          VCache likewise
/// key, value [T, K, W] F32    positions [T] I32    KCache, VCache [K, R, W] F32 or F16
/// </code>
/// A sliding layer's cache is a ring of R rows; a full layer's has R at least the context, so the same rule serves both.
/// Head-major, because attention walks along positions of one head. F16 rounds to nearest even.
/// T is at most R. In place: no.
/// Called by: LayerForward, once per layer.
/// </summary>
[Kernel("keys and values into the cache", "transformers cache_utils: Cache.update; spec of the ring in KvCache.cs")]
public static class KvAppend
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(
        BufferHandle Key, BufferHandle Value, BufferHandle KCache, BufferHandle VCache, BufferHandle Positions, int T, int K, int W, int R);

    /// <summary>The oracle, for an F32 cache.</summary>
    public static void Reference(
        ReadOnlySpan<float> key, ReadOnlySpan<float> value, ReadOnlySpan<int> positions, Span<float> kCache, Span<float> vCache, int T, int K, int W, int R)
    {
        for (int t = 0; t < T; t++)
        {
            for (int k = 0; k < K; k++)
            {
                for (int w = 0; w < W; w++)
                {
                    int to = (((k * R) + (positions[t] % R)) * W) + w;
                    kCache[to] = key[(((t * K) + k) * W) + w];
                    vCache[to] = value[(((t * K) + k) * W) + w];
                }
            }
        }
    }
}
