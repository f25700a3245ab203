using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, F FFN size.

/// <summary>ILGPU twin of <see cref="GeGlu"/>: an element is a thread's.</summary>
internal sealed class GeGluIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Elements<Call>(nameof(GeGlu), Run);

    public void Record(LaunchList launches, in GeGlu.Args args)
    {
        long count = (long)args.T * args.F;
        _kernel.Add(launches, count, new Call
        {
            Gate = IlgpuBuffer.Of<float>(args.Gate, DType.F32, count),
            Up = IlgpuBuffer.Of<float>(args.Up, DType.F32, count),
            Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, count),
            Count = count,
        });
    }

    // 0.5 (1 + tanh u) is 1 / (1 + e^-2u), in which nothing cancels for negative u.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(Call call)
    {
        Share share = new(call.Count);
        for (long i = share.First; i < share.To; i += share.Step)
        {
            float z = call.Gate[i];
            float exponent = z * ((z * z * -0.07135481627f) - 1.595769122f);
            call.Y[i] = z / (1 + Numbers.Exp(exponent)) * call.Up[i];
        }
    }

    internal struct Call
    {
        public ArrayView<float> Gate;
        public ArrayView<float> Up;
        public ArrayView<float> Y;
        public long Count;
    }
}
