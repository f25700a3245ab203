using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Query heads of a sliding layer.</summary>
public class RopeBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => Rope.Cost(T, 16, 256).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(T, 16, 256);
        BufferHandle angles = Floats(T, 256);
        BufferHandle y = Floats(T, 16, 256);
        return pass => pass.Rope(new(x, angles, y, T, 16, 256));
    }
}
