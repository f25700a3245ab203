using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>ILGPU twin of <see cref="SoftCap"/>: an element is a thread's.</summary>
internal sealed class SoftCapIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Elements<Call>(nameof(SoftCap), Run);

    public void Record(LaunchList launches, in SoftCap.Args args) => _kernel.Add(launches, args.Count, new Call
    {
        X = IlgpuBuffer.Of<float>(args.X, DType.F32, args.Count),
        Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, args.Count),
        Cap = args.Cap,
        Count = args.Count,
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(Call call)
    {
        Share share = new(call.Count);
        for (long i = share.First; i < share.To; i += share.Step)
        {
            call.Y[i] = call.Cap * Numbers.Tanh(call.X[i] / call.Cap);
        }
    }

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<float> Y;
        public float Cap;
        public long Count;
    }
}
