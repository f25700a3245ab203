using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>FFN matrices against the rows of decoding and verifying: eight matrices per run.</summary>
public class MatVecBench : KernelBench
{
    /// <summary>Enough matrices that no cache holds them.</summary>
    private const int Copies = 8;

    /// <summary>Rows in the pass.</summary>
    [Params(1, 2, 4, 8)]
    public int T { get; set; }

    /// <summary>Format of the weights.</summary>
    [Params(DType.Q4, DType.Q8, DType.Q4K, DType.Q6K, DType.F8E4M3, DType.BF16)]
    public DType Format { get; set; }

    /// <summary>Outputs: 15360 is gate or up, 3840 is down.</summary>
    [Params(15360, 3840)]
    public int N { get; set; }

    private int K => N == 15360 ? 3840 : 15360;

    /// <inheritdoc/>
    public override double Bytes => Copies * MatVec.Cost(Format, QuantBlocks.HasGroups(Format), T, N, K).Bytes;

    /// <inheritdoc/>
    public override double Operations => Copies * MatVec.Cost(Format, QuantBlocks.HasGroups(Format), T, N, K).Operations;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        WeightMatrix[] matrices = new WeightMatrix[Copies];
        for (int i = 0; i < Copies; i++)
        {
            matrices[i] = Matrix(Format, N, K);
        }

        Activations x = Rows(Format, T, K);
        BufferHandle y = Floats(T, N);
        return pass =>
        {
            foreach (WeightMatrix matrix in matrices)
            {
                pass.MatVec(new(x, matrix, y, T));
            }
        };
    }
}
