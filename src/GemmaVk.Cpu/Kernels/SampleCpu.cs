using System;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

internal static unsafe class SampleCpu
{
    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in Sample.Args a)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        for (int t = 0; t < a.T; t++)
        {
            CpuBuffer.Of<int>(a.Ids, DType.I32, a.T)[t] = Sample.Reference(
                new(CpuBuffer.Of<float>(a.Logits, DType.F32, (long)a.T * a.V) + ((long)t * a.V), a.V),
                new(CpuBuffer.Of<int>(a.Suppress, DType.I32, a.SuppressCount), a.SuppressCount),
                a.Choice,
                CpuBuffer.Of<int>(a.Positions, DType.I32, a.T)[t]);
        }
    }
}
