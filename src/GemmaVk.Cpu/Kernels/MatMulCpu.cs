using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

internal static unsafe class MatMulCpu
{
    public static void Run<L, TF, TB>(RowPartition pool, Scratch scratch, in MatMul.Args args)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged =>
        MatVecCpu.Product(pool, args.X, args.W, args.Y, args.T, 0);
}
