using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: C rows of the longest pass, V vocabulary, H query heads, K KV heads, R rows of the cache, W head width.

/// <summary>
/// How large <see cref="KernelSettings.Scratch"/> can become: partial results of attention, where the keys are shared out
/// among workgroups or lie in several pieces, and the largest logits of the parts of a row. An upper bound; a test runs the kernels against it.
/// </summary>
internal static class GpuScratch
{
    /// <summary>Bytes for passes of these shapes where one binding spans at most <paramref name="piece"/> bytes.</summary>
    public static long Bytes(PassShapes shapes, long piece, bool software)
    {
        if (shapes.Attention.Count == 0)
            return 0;
        long most = SampleGpu.ScratchBytes(Math.Min(shapes.C, MatVec.MaxRows), shapes.V);
        foreach (AttentionShape a in shapes.Attention)
        {
            long row = QuantBlocks.RowBytes(a.Kv, a.W);
            long chunks = BufferSize.Pieces(a.K * (long)a.R * row, row, piece).LongCount();
            long parts = AttentionSplits.Most(a.H, a.K, chunks, software) * chunks;
            most = Math.Max(most, AttentionSplits.Bytes(Math.Min(shapes.C, MatVec.MaxRows), a.H, a.W, parts));
            if (chunks > 1)
                most = Math.Max(most, AttentionSplits.Bytes(shapes.C, a.H, a.W, chunks));
        }

        return KernelSettings.CounterBytes + most;
    }
}
