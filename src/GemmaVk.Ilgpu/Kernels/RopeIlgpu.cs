using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, H heads, W head width, i pair.

/// <summary>ILGPU twin of <see cref="Rope"/>: a pair (i, i + W/2) is a thread's.</summary>
internal sealed class RopeIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Elements<Call>(nameof(Rope), Run);

    public void Record(LaunchList launches, in Rope.Args args)
    {
        long count = (long)args.T * args.H * args.W;
        _kernel.Add(launches, count / 2, new Call
        {
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count),
            Angles = IlgpuBuffer.Of<float>(args.Angles, DType.F32, (long)args.T * args.W),
            Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, count),
            Pairs = count / 2,
            H = args.H,
            W = args.W,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(Call call)
    {
        int half = call.W / 2;
        Share share = new(call.Pairs);
        for (long pair = share.First; pair < share.To; pair += share.Step)
        {
            long head = pair / half;
            int i = (int)(pair % half);
            long at = (head * call.W) + i;
            long angle = (head / call.H * call.W) + i;
            Turn(call.X[at], call.X[at + half], call.Angles[angle], call.Angles[angle + half], out float a, out float b);
            call.Y[at] = a;
            call.Y[at + half] = b;
        }
    }

    /// <summary>Turns (x, y) by an angle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Turn(float x, float y, float cos, float sin, out float a, out float b)
    {
        a = (x * cos) - (y * sin);
        b = (y * cos) + (x * sin);
    }

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<float> Angles;
        public ArrayView<float> Y;
        public long Pairs;
        public int H;
        public int W;
    }
}
