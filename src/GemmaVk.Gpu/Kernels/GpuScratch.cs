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
            long decode = Math.Min(shapes.C, MatVec.MaxRows) * (parts + AttentionSplits.Runs(parts));
            long prefill = chunks > 1 ? shapes.C * (chunks + AttentionSplits.Runs(chunks)) : 0;
            // A part is W sums, a maximum and a total.
            most = Math.Max(most, sizeof(float) * Math.Max(decode, prefill) * a.H * (a.W + 2));
        }

        return KernelSettings.CounterBytes + most;
    }
}
