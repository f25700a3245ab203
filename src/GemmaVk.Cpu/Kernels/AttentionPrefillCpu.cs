using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

internal static class AttentionPrefillCpu
{
    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in AttentionPrefill.Args a)
        where L : struct, ILanes<TF>
        where TF : unmanaged =>
        AttentionDecodeCpu.Run<L, TF>(
            pool, scratch, new AttentionDecode.Args(a.Q, a.KCache, a.VCache, a.Positions, a.Reach, a.Out, a.T, a.H, a.K, a.W, a.R, a.Window));
}
