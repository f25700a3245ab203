using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, H query heads, K KV heads, W head width.

/// <summary>SIMD twin of <see cref="RmsNormRopeAppend"/>: its parts, values first because raw keys may be theirs.</summary>
internal static class RmsNormRopeAppendCpu
{
    public static void Run<L, TF>(RowPartition pool, in RmsNormRopeAppend.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        (int T, int H, int K, int W, int first) = (args.T, args.H, args.K, args.W, args.First);
        RmsNormCpu.Run<L, TF>(pool, new(args.Raw, null, args.Value, T * K, W, args.Eps), first * K);
        RmsNormRopeCpu.Run<L, TF>(pool, new(args.Q, args.QWeight, args.Angles, args.Q, T, H, W, args.Eps), first);
        bool keys = args.Cache.Keys is not null;
        if (keys)
        {
            RmsNormRopeCpu.Run<L, TF>(pool, new(args.Key, args.KWeight, args.Angles, args.Key, T, K, W, args.Eps), first);
        }

        KvAppendCpu.Run<L, TF>(pool, new(keys ? args.Key : null, args.Value, args.Cache, args.Positions, T, K, W, first));
    }
}
