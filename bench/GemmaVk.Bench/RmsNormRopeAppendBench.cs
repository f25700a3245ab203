using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Heads of a sliding layer, from their products to the cache.</summary>
public class RmsNormRopeAppendBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 8)]
    public int T { get; set; }

    /// <summary>How rows are kept.</summary>
    [Params(CacheFormat.F16, CacheFormat.Q8)]
    public CacheFormat Format { get; set; }

    /// <inheritdoc/>
    public override double Bytes => RmsNormRopeAppend.Cost(Rows(Format), false, T, 16, 8, 256).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle q = Floats(T, 16, 256);
        BufferHandle key = Floats(T, 8, 256);
        BufferHandle value = Floats(T, 8, 256);
        BufferHandle weight = Floats(256);
        BufferHandle angles = Floats(T, 256);
        KvRows cache = Cache(Format, 8, 1536, 256);
        BufferHandle positions = Range(1400, T);
        return pass => pass.RmsNormRopeAppend(new(q, key, value, value, weight, weight, angles, cache, positions, T, 16, 8, 256, 1e-6f));
    }
}
