using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

/// <summary>SIMD twin of <see cref="AddRmsNormQuantize"/>: its two parts, since a call costs nothing here and groups of a single row go to all workers.</summary>
internal static class AddRmsNormQuantizeCpu
{
    public static void Run<L, TF>(RowPartition pool, in AddRmsNormQuantize.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        AddRmsNormCpu.Run<L, TF>(pool, args.Norm);
        QuantizeRowsCpu.Run<L, TF>(pool, new(args.Norm.A, args.Rows, args.ForFormat, args.Norm.T, args.Norm.D));
    }
}
