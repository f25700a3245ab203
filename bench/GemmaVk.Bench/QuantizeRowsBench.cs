using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>Activations to INT8 for Q4 weights.</summary>
public class QuantizeRowsBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <summary>Columns.</summary>
    [Params(3840, 15360)]
    public int K { get; set; }

    /// <inheritdoc/>
    public override double Bytes => QuantizeRows.Cost(T, K).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle x = Floats(T, K);
        Activations rows = new(Zeros(DType.I8, T, K), Zeros(DType.F32, T, K / 32), Zeros(DType.F32, T, K / 32));
        return pass => pass.QuantizeRows(new(x, rows, DType.Q4, T, K));
    }
}
