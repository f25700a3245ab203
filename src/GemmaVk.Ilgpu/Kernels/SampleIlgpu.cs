using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T rows in this pass, V vocabulary, S suppressed ids.

/// <summary>
/// ILGPU twin of <see cref="Sample"/>: a row is a group's. Numbers of the comments are the steps of the spec. All sums are of
/// integers (<see cref="Candidates"/>), so that no order of lanes can change an id.
/// </summary>
internal sealed class SampleIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Candidates.Call> _suppress = loader.Elements<Candidates.Call>(nameof(Sample), Suppress);
    private readonly IlgpuKernel<Candidates.Call> _allow = loader.Elements<Candidates.Call>(nameof(Sample), Allow);
    private readonly IlgpuKernel<Candidates.Call> _draw = loader.Rows<Candidates.Call>(nameof(Sample), Draw<OneLane>);

    public void Record(LaunchList launches, in Sample.Args args)
    {
        Candidates.Call call = new()
        {
            Logits = IlgpuBuffer.Of<float>(args.Logits, DType.F32, (long)args.T * args.V, (long)args.First * args.V),
            Suppress = IlgpuBuffer.Of<int>(args.Suppress, DType.I32, args.SuppressCount),
            S = args.SuppressCount,
            Allowed = args.Allowed is { } allowed
                ? IlgpuBuffer.Of<int>(allowed, DType.I32, (long)args.T * Sample.Words(args.V), (long)args.First * Sample.Words(args.V))
                : default,
            Positions = IlgpuBuffer.Of<int>(args.Positions, DType.I32, args.T, args.First),
            Ids = IlgpuBuffer.Of<int>(args.Ids, DType.I32, args.T, args.First + args.Ahead),
            T = args.T,
            V = args.V,
            Temperature = args.Choice.Temperature,
            TopK = args.Choice.TopK,
            TopP = args.Choice.TopP,
            MinP = args.Choice.MinP,
            Seed = args.Choice.Seed,
        };
        _suppress.Add(launches, (long)args.T * args.SuppressCount, call);
        if (args.Allowed is not null)
        {
            _allow.Add(launches, (long)args.T * args.V, call);
        }

        _draw.Add(launches, args.T, call);
    }

    // 1 in a launch of its own, so that the next may read logits without waiting for its own writes.
    private static void Suppress(Candidates.Call call)
    {
        Share share = new((long)call.T * call.S);
        for (long i = share.First; i < share.To; i += share.Step)
        {
            int id = call.Suppress[i % call.S];
            if (id >= 0 && id < call.V)
            {
                call.Logits[(i / call.S * call.V) + id] = float.NegativeInfinity;
            }
        }
    }

    private static void Allow(Candidates.Call call)
    {
        Share share = new((long)call.T * call.V);
        int words = (call.V + 31) / 32;
        for (long i = share.First; i < share.To; i += share.Step)
        {
            int id = (int)(i % call.V);
            if ((call.Allowed[(i / call.V * words) + (id / 32)] >> (id % 32) & 1) == 0)
            {
                call.Logits[i] = float.NegativeInfinity;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Draw<TLanes>(Candidates.Call call)
        where TLanes : struct, ILanes
    {
        ArrayView<float> floats = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        ArrayView<long> longs = SharedMemory.Allocate<long>(KernelLoader.MostLanes);
        Share rows = new(call.T);
        for (long t = rows.From; t < rows.To; t++)
        {
            // 2 The largest logit and its lowest id; greedy ends here, and so does a row that is broken.
            Candidates row = new(t * call.V);
            int best = row.Best<TLanes>(call, floats);
            if (call.Temperature == 0 || best < 0)
            {
                call.Ids[t] = best;
                continue;
            }

            // 4 to 6
            row.TopK<TLanes>(call, longs);
            row.TopP<TLanes>(call, longs);

            // 7 and 8: a lane owns consecutive ids.
            int each = (call.V + TLanes.Count - 1) / TLanes.Count;
            int from = IntrinsicMath.Min(TLanes.Index * each, call.V);
            int to = IntrinsicMath.Min(from + each, call.V);
            long tiesBefore = Candidates.Before<TLanes>(row.Ties(call, from, to), longs);
            long mass = row.Walk(call, from, to, tiesBefore, long.MaxValue, out int id);
            long before = Candidates.Before<TLanes>(mass, longs);
            long total = TLanes.Sum(mass, longs);
            long u = (long)(Sample.Uniform(call.Seed, call.Positions[t] + 1) * 16777216f);
            long target = ((total >> 24) * u) + (((total & 0xFFFFFF) * u) >> 24);
            if (target >= before && target < before + mass)
            {
                row.Walk(call, from, to, tiesBefore, target - before, out id);
                call.Ids[t] = id;
            }
        }
    }
}
