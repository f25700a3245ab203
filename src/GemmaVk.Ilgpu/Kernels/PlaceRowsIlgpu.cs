using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T rows, D width of a row.

/// <summary>ILGPU twin of <see cref="PlaceRows"/>: an element is a thread's.</summary>
internal sealed class PlaceRowsIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Elements<Call>(nameof(PlaceRows), Run);

    public void Record(LaunchList launches, in PlaceRows.Args args)
    {
        long count = (long)args.T * args.D;
        long skipped = (long)args.First * args.D;
        _kernel.Add(launches, count, new Call
        {
            Rows = IlgpuBuffer.Of<float>(args.Rows, DType.F32, count),
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, skipped + count),
            Skipped = skipped,
            Count = count,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(Call call)
    {
        Share share = new(call.Count);
        for (long i = share.First; i < share.To; i += share.Step)
        {
            call.X[call.Skipped + i] = call.Rows[i];
        }
    }

    internal struct Call
    {
        public ArrayView<float> Rows;
        public ArrayView<float> X;
        public long Skipped;
        public long Count;
    }
}
