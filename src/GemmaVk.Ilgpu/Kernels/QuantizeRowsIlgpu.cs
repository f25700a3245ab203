using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, K columns, g group of 32 columns.

/// <summary>ILGPU twin of <see cref="QuantizeRows"/>: a group of 32 columns is a thread's.</summary>
internal sealed class QuantizeRowsIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Elements<Call>(nameof(QuantizeRows), Run);

    /// <summary>Rounds rows <paramref name="from"/> .. from + T - 1.</summary>
    public void Record(LaunchList launches, in QuantizeRows.Args args, int from = 0)
    {
        long count = (long)args.T * args.K;
        long groups = count / QuantBlocks.GroupSize;
        long before = (long)from * args.K;
        long groupsBefore = before / QuantBlocks.GroupSize;
        _kernel.Add(launches, groups, new Call
        {
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count, before),
            Q = IlgpuBuffer.Of<sbyte>(args.Q.Data, DType.I8, count, before),
            Unit = IlgpuBuffer.Of<float>(args.Q.Scale!, DType.F32, groups, groupsBefore),
            Sum = IlgpuBuffer.Of<float>(args.Q.Sum!, DType.F32, groups, groupsBefore),
            ForFormat = args.ForFormat,
            Groups = groups,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(Call call)
    {
        Share share = new(call.Groups);
        for (long g = share.First; g < share.To; g += share.Step)
        {
            long at = g * 32;
            float absmax = 0;
            for (int c = 0; c < 32; c++)
            {
                absmax = MathF.Max(absmax, MathF.Abs(call.X[at + c]));
            }

            float inverse = absmax == 0 ? 0 : 127f / absmax;
            int total = 0;
            for (int c = 0; c < 32; c++)
            {
                sbyte step = Numbers.Step(call.X[at + c] * inverse);
                call.Q[at + QuantizeRows.Order(call.ForFormat, c)] = step;
                total += step;
            }

            call.Unit[g] = absmax / 127f;
            call.Sum[g] = call.Unit[g] * total;
        }
    }

    internal struct Call
    {
        public ArrayView<float> X;
        public ArrayView<sbyte> Q;
        public ArrayView<float> Unit;
        public ArrayView<float> Sum;
        public DType ForFormat;
        public long Groups;
    }
}
