using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Logits of the whole vocabulary.</summary>
public class SoftCapBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 8)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => SoftCap.Cost(T * 262144).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(T, 262144);
        BufferHandle y = Floats(T, 262144);
        return pass => pass.SoftCap(new(x, y, 30, T * 262144));
    }
}
