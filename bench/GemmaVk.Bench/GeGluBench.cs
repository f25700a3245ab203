using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>The gate of the FFN.</summary>
public class GeGluBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => GeGlu.Cost(T, 15360).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle gate = Floats(T, 15360);
        BufferHandle up = Floats(T, 15360);
        BufferHandle y = Floats(T, 15360);
        return pass => pass.GeGlu(new(gate, up, y, T, 15360));
    }
}
