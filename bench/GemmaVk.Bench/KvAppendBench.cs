using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Keys and values of a sliding layer.</summary>
public class KvAppendBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <summary>How rows are kept.</summary>
    [Params(CacheFormat.F16, CacheFormat.Q8)]
    public CacheFormat Format { get; set; }

    /// <inheritdoc/>
    public override double Bytes => KvAppend.Cost(Rows(Format), false, T, 8, 256).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle key = Floats(T, 8, 256);
        BufferHandle value = Floats(T, 8, 256);
        KvRows cache = Cache(Format, 8, 1536, 256);
        BufferHandle positions = Range(1400, T);
        return pass => pass.KvAppend(new(key, value, cache, positions, T, 8, 256));
    }
}
