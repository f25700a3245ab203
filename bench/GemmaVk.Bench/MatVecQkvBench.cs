using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>Queries, keys and values of sliding layers: eight layers per run.</summary>
public class MatVecQkvBench : KernelBench
{
    /// <summary>Enough matrices that no cache holds them.</summary>
    private const int Copies = 8;

    /// <summary>Rows in the pass.</summary>
    [Params(1, 2, 4, 8)]
    public int T { get; set; }

    /// <summary>Format of the weights.</summary>
    [Params(DType.Q4, DType.Q8, DType.BF16)]
    public DType Format { get; set; }

    /// <inheritdoc/>
    public override double Bytes => Copies * MatVecQkv.Cost(Format, QuantBlocks.HasGroups(Format), T, 8192, 3840).Bytes;

    /// <inheritdoc/>
    public override double Operations => Copies * MatVecQkv.Cost(Format, QuantBlocks.HasGroups(Format), T, 8192, 3840).Operations;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        (WeightMatrix Q, WeightMatrix K, WeightMatrix V)[] layers = new (WeightMatrix, WeightMatrix, WeightMatrix)[Copies];
        for (int i = 0; i < Copies; i++)
        {
            layers[i] = (Matrix(Format, 4096, 3840), Matrix(Format, 2048, 3840), Matrix(Format, 2048, 3840));
        }

        Activations x = Rows(Format, T, 3840);
        BufferHandle q = Floats(T, 4096);
        BufferHandle k = Floats(T, 2048);
        BufferHandle v = Floats(T, 2048);
        return pass =>
        {
            foreach ((WeightMatrix Q, WeightMatrix K, WeightMatrix V) in layers)
            {
                pass.MatVecQkv(new(x, Q, K, V, q, k, v, T));
            }
        };
    }
}
