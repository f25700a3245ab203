using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>A picture of the usual and of the largest budget.</summary>
public class CutPatchesBench : KernelBench
{
    /// <summary>Rows of the grid; it has 20 columns.</summary>
    [Params(14, 56)]
    public int GridRows { get; set; }

    /// <inheritdoc/>
    public override double Bytes => CutPatches.Cost(GridRows, 20, 48).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle pixels = Zeros(DType.U8, GridRows * 20 * 6912);
        BufferHandle levels = Floats(256);
        BufferHandle y = Floats(GridRows * 20, 6912);
        return pass => pass.CutPatches(new(pixels, levels, y, GridRows, 20, 48));
    }
}
