using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>FFN matrices against a chunk of a prompt.</summary>
public class MatMulBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(128, 512)]
    public int T { get; set; }

    /// <summary>Format of the weights.</summary>
    [Params(DType.Q4, DType.Q4K, DType.BF16)]
    public DType Format { get; set; }

    /// <summary>Outputs: 15360 is gate or up, 3840 is down.</summary>
    [Params(15360, 3840)]
    public int N { get; set; }

    private int K => N == 15360 ? 3840 : 15360;

    /// <inheritdoc/>
    public override double Bytes => MatMul.Cost(Format, QuantBlocks.HasGroups(Format), T, N, K).Bytes;

    /// <inheritdoc/>
    public override double Operations => MatMul.Cost(Format, QuantBlocks.HasGroups(Format), T, N, K).Operations;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        WeightMatrix matrix = Matrix(Format, N, K);
        Activations x = Rows(Format, T, K);
        BufferHandle y = Floats(T, N);
        return pass => pass.MatMul(new(x, matrix, y, T));
    }
}
