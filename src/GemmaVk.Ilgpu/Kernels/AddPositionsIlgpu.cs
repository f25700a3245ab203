using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: D width of a row.

/// <summary>ILGPU twin of <see cref="AddPositions"/>: an element is a thread's.</summary>
internal sealed class AddPositionsIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Elements<Call>(nameof(AddPositions), Run);

    public void Record(LaunchList launches, in AddPositions.Args args)
    {
        long count = (long)args.Rows * args.Columns * args.D;
        _kernel.Add(launches, count, new Call
        {
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count),
            Table = IlgpuBuffer.Of<ushort>(args.Table, DType.BF16, 2L * System.Math.Max(args.Rows, args.Columns) * args.D),
            Rows = args.Rows,
            Columns = args.Columns,
            D = args.D,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(Call call)
    {
        Share share = new((long)call.Rows * call.Columns * call.D);
        for (long i = share.First; i < share.To; i += share.Step)
        {
            int p = (int)(i / call.D);
            int d = (int)(i % call.D);
            ushort column = call.Table[(p % call.Columns * 2 * call.D) + d];
            ushort row = call.Table[(((p / call.Columns * 2) + 1) * call.D) + d];
            call.X[i] += BFloat16.ToSingle(column) + BFloat16.ToSingle(row);
        }
    }

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<ushort> Table;
        public int Rows;
        public int Columns;
        public int D;
    }
}
