using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>A picture of the usual and of the largest budget.</summary>
public class AddPositionsBench : KernelBench
{
    /// <summary>Rows of the grid; it has 20 columns.</summary>
    [Params(14, 56)]
    public int GridRows { get; set; }

    /// <inheritdoc/>
    public override double Bytes => AddPositions.Cost(GridRows, 20, 3840).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(GridRows * 20, 3840);
        BufferHandle table = Zeros(DType.BF16, 1120 * 2 * 3840);
        return pass => pass.AddPositions(new(x, table, GridRows, 20, 3840));
    }
}
