using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Formats;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T rows in this pass, N outputs, K inputs, g group of 32 columns.

/// <summary>
/// ILGPU twin of <see cref="MatVec"/>: a row of weights and up to eight rows of x are a group's, whose lanes share out the
/// groups of 32 columns. One piece of code runs for every row of x, so its bits depend on nothing else.
/// </summary>
internal sealed class MatVecIlgpu(KernelLoader loader)
{
    private readonly Products _products = new(loader, nameof(MatVec));

    public void Record(LaunchList launches, in MatVec.Args args)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(args.T, MatVec.MaxRows);
        _products.Record(launches, args.X, args.W, args.Y, args.T, args.First);
    }

    /// <summary>Products of float rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Floats<TWeights, TLanes>(Products.Call call)
        where TWeights : struct, IWeights
        where TLanes : struct, ILanes
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        int groups = call.W.K / 32;
        Share share = new(call.Units);
        for (long unit = share.From; unit < share.To; unit++)
        {
            int n = (int)(unit / call.Blocks);
            int first = (int)(unit % call.Blocks) * MatVec.MaxRows;
            for (int t = first; t < call.T && t < first + MatVec.MaxRows; t++)
            {
                long row = (call.First + t) * (long)(call.W.K / 8);
                float sum = 0;
                for (int g = TLanes.Index; g < groups; g += TLanes.Count)
                {
                    sum += TWeights.Dot(call.W, n, g, call.X, row + (4 * g));
                }

                sum = TLanes.Sum(sum, shared);
                if (TLanes.Index == 0)
                {
                    call.Y[(t * (long)call.W.N) + n] = sum;
                }
            }
        }
    }

    /// <summary>Products of INT8 rows: exact within a group of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Steps<TWeights, TLanes>(Products.Call call)
        where TWeights : struct, IStepWeights
        where TLanes : struct, ILanes
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        int groups = call.W.K / 32;
        Share share = new(call.Units);
        for (long unit = share.From; unit < share.To; unit++)
        {
            int n = (int)(unit / call.Blocks);
            int first = (int)(unit % call.Blocks) * MatVec.MaxRows;
            for (int t = first; t < call.T && t < first + MatVec.MaxRows; t++)
            {
                long row = (call.First + t) * (long)groups;
                float sum = 0;
                for (int g = TLanes.Index; g < groups; g += TLanes.Count)
                {
                    sum += TWeights.Dot(call.W, n, g, call.Q, 8 * (row + g), call.Unit[row + g]);
                }

                sum = TLanes.Sum(sum, shared);
                if (TLanes.Index == 0)
                {
                    call.Y[(t * (long)call.W.N) + n] = sum;
                }
            }
        }
    }
}
