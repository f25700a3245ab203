using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Rows of the hidden size.</summary>
public class RmsNormBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => RmsNorm.Cost(T, 3840).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(T, 3840);
        BufferHandle weight = Floats(3840);
        BufferHandle y = Floats(T, 3840);
        return pass => pass.RmsNorm(new(x, weight, y, T, 3840, 1e-6f));
    }
}
