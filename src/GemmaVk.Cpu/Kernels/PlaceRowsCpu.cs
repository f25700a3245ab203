using System.Runtime.InteropServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: D width of a row.

/// <summary>Twin of <see cref="PlaceRows"/>: a row is one unit.</summary>
internal static unsafe class PlaceRowsCpu
{
    public static void Run(RowPartition pool, in PlaceRows.Args args)
    {
        Work work = new()
        {
            From = CpuBuffer.Of<float>(args.Rows, DType.F32, (long)args.T * args.D),
            To = CpuBuffer.Of<float>(args.X, DType.F32, (long)(args.First + args.T) * args.D) + ((long)args.First * args.D),
            D = args.D,
        };
        pool.Run(ref work, args.T);
    }

    private struct Work : IRowWork
    {
        public float* From;
        public float* To;
        public int D;

        public readonly void Rows(int first, int end, int worker) =>
            NativeMemory.Copy(From + ((long)first * D), To + ((long)first * D), (nuint)(end - first) * (nuint)D * sizeof(float));
    }
}
