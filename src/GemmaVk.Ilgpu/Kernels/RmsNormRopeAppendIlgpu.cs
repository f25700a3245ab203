using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, H query heads, K KV heads, W head width.

/// <summary>ILGPU twin of <see cref="RmsNormRopeAppend"/>: the launches of its parts, values first because raw keys may be theirs.</summary>
internal sealed class RmsNormRopeAppendIlgpu(IlgpuKernels kernels)
{
    public void Record(LaunchList launches, in RmsNormRopeAppend.Args args)
    {
        (int T, int H, int K, int W, int first) = (args.T, args.H, args.K, args.W, args.First);
        kernels.RmsNorm.Record(launches, new(args.Raw, null, args.Value, T * K, W, args.Eps), first * K);
        kernels.RmsNormRope.Record(launches, new(args.Q, args.QWeight, args.Angles, args.Q, T, H, W, args.Eps), first);
        bool keys = args.Cache.Keys is not null;
        if (keys)
        {
            kernels.RmsNormRope.Record(launches, new(args.Key, args.KWeight, args.Angles, args.Key, T, K, W, args.Eps), first);
        }

        kernels.KvAppend.Record(launches, new(keys ? args.Key : null, args.Value, args.Cache, args.Positions, T, K, W, first));
    }
}
