using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: R rows, D width of a row.

/// <summary>ILGPU twin of <see cref="LayerNorm"/>: a row is a group's.</summary>
internal sealed class LayerNormIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Rows<Call>(nameof(LayerNorm), Run<OneLane>);

    public void Record(LaunchList launches, in LayerNorm.Args args)
    {
        long count = (long)args.R * args.D;
        _kernel.Add(launches, args.R, new Call
        {
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count),
            InputBias = IlgpuBuffer.Of<float>(args.InputBias ?? args.Bias, DType.F32, args.D),
            Biased = args.InputBias is null ? 0 : 1,
            Weight = IlgpuBuffer.Of<float>(args.Weight, DType.F32, args.D),
            Bias = IlgpuBuffer.Of<float>(args.Bias, DType.F32, args.D),
            Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, count),
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
            float mean = Sum<TLanes>(call, at, 0, squares: 0, shared) / call.D;
            float variance = Sum<TLanes>(call, at, mean, squares: 1, shared) / call.D;
            float inverse = 1 / MathF.Sqrt(variance + call.Eps);
            for (int d = TLanes.Index; d < call.D; d += TLanes.Count)
            {
                call.Y[at + d] = ((Z(call, at, d) - mean) * inverse * call.Weight[d]) + call.Bias[d];
            }
        }
    }

    // Short partial sums keep more bits than one long one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum<TLanes>(in Call call, long at, float mean, int squares, ArrayView<float> shared)
        where TLanes : struct, ILanes
    {
        int lanes = TLanes.Count;
        float sum = 0;
        for (int from = TLanes.Index; from < call.D; from += 32 * lanes)
        {
            float part = 0;
            for (int d = from; d < call.D && d < from + (32 * lanes); d += lanes)
            {
                float z = Z(call, at, d) - mean;
                part += squares != 0 ? z * z : z;
            }

            sum += part;
        }

        return TLanes.Sum(sum, shared);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Z(in Call call, long at, int d) => call.Biased != 0 ? call.X[at + d] + call.InputBias[d] : call.X[at + d];

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<float> InputBias;
        public ArrayView<float> Weight;
        public ArrayView<float> Bias;
        public ArrayView<float> Y;
        public int Biased;
        public int R;
        public int D;
        public float Eps;
    }
}
