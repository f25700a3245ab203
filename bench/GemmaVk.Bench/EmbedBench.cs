using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>Rows of the INT8 embedding.</summary>
public class EmbedBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => Embed.Cost(DType.Q8, T, 3840).Bytes;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        WeightMatrix table = Matrix(DType.Q8, 262144, 3840);
        BufferHandle ids = Range(1000, T);
        BufferHandle x = Floats(T, 3840);
        return pass => pass.Embed(new(ids, table, 61.97f, x, T));
    }
}
