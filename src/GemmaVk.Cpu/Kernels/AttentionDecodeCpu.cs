using System;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

internal static unsafe class AttentionDecodeCpu
{
    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in AttentionDecode.Args a)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        DType type = a.KCache.DType;
        float[] k = Widen(a.KCache, type, a.K * a.R * a.W);
        float[] v = Widen(a.VCache, type, a.K * a.R * a.W);
        AttentionDecode.Reference(
            new(CpuBuffer.Of<float>(a.Q, DType.F32, a.T * a.H * a.W), a.T * a.H * a.W), k, v,
            new(CpuBuffer.Of<int>(a.Positions, DType.I32, a.T), a.T), new(CpuBuffer.Of<int>(a.Reach, DType.I32, a.T), a.T),
            new(CpuBuffer.Of<float>(a.Out, DType.F32, a.T * a.H * a.W), a.T * a.H * a.W), a.T, a.H, a.K, a.W, a.R, a.Window);
    }

    private static float[] Widen(BufferHandle cache, DType type, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = type == DType.F16 ? (float)CpuBuffer.Of<Half>(cache, type, count)[i] : CpuBuffer.Of<float>(cache, type, count)[i];
        }

        return values;
    }
}
