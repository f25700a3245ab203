using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: R rows, D width of a row.

/// <summary>ILGPU twin of <see cref="RmsNorm"/>: a row is a group's.</summary>
internal sealed class RmsNormIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Rows<Call>(nameof(RmsNorm), Run<OneLane>);

    /// <summary>Norms rows <paramref name="from"/> .. from + R - 1.</summary>
    public void Record(LaunchList launches, in RmsNorm.Args args, int from = 0)
    {
        long count = (long)args.R * args.D;
        long before = (long)from * args.D;
        _kernel.Add(launches, args.R, new Call
        {
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count, before),
            Weight = args.Weight is null ? IlgpuBuffer.Of<float>(args.X, DType.F32, 0) : IlgpuBuffer.Of<float>(args.Weight, DType.F32, args.D),
            Weighted = args.Weight is null ? 0 : 1,
            Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, count, before),
            R = args.R,
            D = args.D,
            Eps = args.Eps,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes>(Call call)
        where TLanes : struct, ILanes
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        Share rows = new(call.R);
        for (long r = rows.From; r < rows.To; r++)
        {
            long at = r * call.D;
            float inverse = Numbers.InverseRms<TLanes>(call.X, at, call.D, call.Eps, shared);
            for (int d = TLanes.Index; d < call.D; d += TLanes.Count)
            {
                call.Y[at + d] = call.X[at + d] * inverse * (call.Weighted != 0 ? call.Weight[d] : 1);
            }
        }
    }

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<float> Weight;
        public ArrayView<float> Y;
        public int Weighted;
        public int R;
        public int D;
        public float Eps;
    }
}
