using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, D hidden size.

/// <summary>ILGPU twin of <see cref="AddRmsNorm"/>: a row is a group's, and a lane meets its own columns again in every step.</summary>
internal sealed class AddRmsNormIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Rows<Call>(nameof(AddRmsNorm), Run<OneLane>);

    public void Record(LaunchList launches, in AddRmsNorm.Args args)
    {
        long count = (long)args.T * args.D;
        _kernel.Add(launches, args.T, new Call
        {
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count),
            Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, count),
            PostWeight = IlgpuBuffer.Of<float>(args.PostWeight, DType.F32, args.D),
            NextWeight = IlgpuBuffer.Of<float>(args.NextWeight, DType.F32, args.D),
            A = IlgpuBuffer.Of<float>(args.A, DType.F32, count),
            Scale = args.Scale,
            T = args.T,
            D = args.D,
            Eps = args.Eps,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes>(Call call)
        where TLanes : struct, ILanes
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        Share rows = new(call.T);
        for (long t = rows.From; t < rows.To; t++)
        {
            long at = t * call.D;
            float inverse = Numbers.InverseRms<TLanes>(call.Y, at, call.D, call.Eps, shared);
            for (int d = TLanes.Index; d < call.D; d += TLanes.Count)
            {
                call.X[at + d] = (call.X[at + d] + (call.Y[at + d] * inverse * call.PostWeight[d])) * call.Scale;
            }

            inverse = Numbers.InverseRms<TLanes>(call.X, at, call.D, call.Eps, shared);
            for (int d = TLanes.Index; d < call.D; d += TLanes.Count)
            {
                call.A[at + d] = call.X[at + d] * inverse * call.NextWeight[d];
            }
        }
    }

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<float> Y;
        public ArrayView<float> PostWeight;
        public ArrayView<float> NextWeight;
        public ArrayView<float> A;
        public float Scale;
        public int T;
        public int D;
        public float Eps;
    }
}
