using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Query heads of a sliding layer.</summary>
public class RmsNormRopeBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => RmsNormRope.Cost(T, 16, 256).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(T, 16, 256);
        BufferHandle weight = Floats(256);
        BufferHandle angles = Floats(T, 256);
        BufferHandle y = Floats(T, 16, 256);
        return pass => pass.RmsNormRope(new(x, weight, angles, y, T, 16, 256, 1e-6f));
    }
}
