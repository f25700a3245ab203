using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>Soft rows into the residual stream.</summary>
public class PlaceRowsBench : KernelBench
{
    /// <summary>Rows.</summary>
    [Params(280, 1120)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => PlaceRows.Cost(T, 3840).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle rows = Floats(T, 3840);
        BufferHandle x = Floats(T + 16, 3840);
        return pass => pass.PlaceRows(new(rows, x, T, 3840, 16));
    }
}
