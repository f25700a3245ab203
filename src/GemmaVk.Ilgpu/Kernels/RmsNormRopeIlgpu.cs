using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, H heads, W head width, i pair.

/// <summary>ILGPU twin of <see cref="RmsNormRope"/>: a head of a token is a group's.</summary>
internal sealed class RmsNormRopeIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Rows<Call>(nameof(RmsNormRope), Run<OneLane>);

    /// <summary>Norms and turns the heads of tokens <paramref name="from"/> .. from + T - 1.</summary>
    public void Record(LaunchList launches, in RmsNormRope.Args args, int from = 0)
    {
        long count = (long)args.T * args.H * args.W;
        long before = (long)from * args.H * args.W;
        _kernel.Add(launches, (long)args.T * args.H, new Call
        {
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count, before),
            Weight = IlgpuBuffer.Of<float>(args.Weight, DType.F32, args.W),
            Angles = IlgpuBuffer.Of<float>(args.Angles, DType.F32, (long)args.T * args.W, (long)from * args.W),
            Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, count, before),
            Heads = (long)args.T * args.H,
            H = args.H,
            W = args.W,
            Eps = args.Eps,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes>(Call call)
        where TLanes : struct, ILanes
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        int half = call.W / 2;
        Share heads = new(call.Heads);
        for (long head = heads.From; head < heads.To; head++)
        {
            long at = head * call.W;
            long angle = head / call.H * call.W;
            // Every lane has read the whole head's part of its own before one writes.
            float inverse = Numbers.InverseRms<TLanes>(call.X, at, call.W, call.Eps, shared);
            for (int i = TLanes.Index; i < half; i += TLanes.Count)
            {
                float x = call.X[at + i] * inverse * call.Weight[i];
                float y = call.X[at + half + i] * inverse * call.Weight[half + i];
                RopeIlgpu.Turn(x, y, call.Angles[angle + i], call.Angles[angle + half + i], out float a, out float b);
                call.Y[at + i] = a;
                call.Y[at + half + i] = b;
            }
        }
    }

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<float> Weight;
        public ArrayView<float> Angles;
        public ArrayView<float> Y;
        public long Heads;
        public int H;
        public int W;
        public float Eps;
    }
}
