using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>The seam between two half layers, with its INT8 rows.</summary>
public class AddRmsNormQuantizeBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => AddRmsNormQuantize.Cost(T, 3840).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(T, 3840);
        BufferHandle y = Floats(T, 3840);
        BufferHandle a = Floats(T, 3840);
        BufferHandle weight = Floats(3840);
        Activations rows = Rows(DType.Q4, T, 3840);
        // Scale 0.5 keeps the residual bounded over many runs.
        return pass => pass.AddRmsNormQuantize(new(new(x, y, weight, 0.5f, weight, a, T, 3840, 1e-6f), rows, DType.Q4));
    }
}
