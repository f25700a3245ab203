using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

/// <summary>SIMD twin of <see cref="MatMul"/>: <see cref="MatVecCpu"/>'s tiles with any number of rows, so that a row comes out the same in both.</summary>
internal static class MatMulCpu
{
    public static void Run<L, TF, TB>(RowPartition pool, Scratch scratch, in MatMul.Args args, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged =>
        MatVecCpu.Multiply<L, TF, TB>(pool, scratch, args.X, args.W, args.Y, args.T, 0, code);
}
