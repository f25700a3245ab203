using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, F FFN size.

/// <summary>SIMD twin of <see cref="MatVecGeGlu"/>: its parts, whose rows stay in a cache between them.</summary>
internal static class MatVecGeGluCpu
{
    public static void Run<L, TF, TB>(RowPartition pool, Scratch scratch, in MatVecGeGlu.Args args, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        (int T, int F) = (args.T, args.Gate.N);
        MatVecCpu.Run<L, TF, TB>(pool, scratch, new(args.X, args.Gate, args.GateRows, T), code);
        MatVecCpu.Run<L, TF, TB>(pool, scratch, new(args.X, args.Up, args.UpRows, T), code);
        BufferHandle gated = args.Y.Quantised ? args.GateRows : args.Y.Data;
        GeGluCpu.Run<L, TF>(pool, new(args.GateRows, args.UpRows, gated, T, F));
        if (args.Y.Quantised)
        {
            QuantizeRowsCpu.Run<L, TF>(pool, new(gated, args.Y, args.ForFormat, T, F));
        }
    }
}
