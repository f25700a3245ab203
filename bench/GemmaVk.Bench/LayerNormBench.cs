using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Patches before the projection, and rows after it.</summary>
public class LayerNormBench : KernelBench
{
    /// <summary>Width of a row.</summary>
    [Params(6912, 3840)]
    public int D { get; set; }

    /// <inheritdoc/>
    public override double Bytes => LayerNorm.Cost(280, D).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(280, D);
        BufferHandle weight = Floats(D);
        BufferHandle bias = Floats(D);
        BufferHandle y = Floats(280, D);
        return pass => pass.LayerNorm(new(x, null, weight, bias, y, 280, D, 1e-5f));
    }
}
