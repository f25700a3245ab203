using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

/// <summary>SIMD twin of <see cref="MatVecQkv"/>: product by product, each matrix where it is mapped.</summary>
internal static class MatVecQkvCpu
{
    public static void Run<L, TF, TB>(RowPartition pool, Scratch scratch, in MatVecQkv.Args args, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        MatVecCpu.Run<L, TF, TB>(pool, scratch, new(args.X, args.Q, args.QRows, args.T), code);
        MatVecCpu.Run<L, TF, TB>(pool, scratch, new(args.X, args.K, args.KRows, args.T), code);
        if (args.V is not null)
        {
            MatVecCpu.Run<L, TF, TB>(pool, scratch, new(args.X, args.V, args.VRows, args.T), code);
        }
    }
}
