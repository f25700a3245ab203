using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>Keys and values of a sliding layer into F16.</summary>
public class KvAppendBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 512)]
    public int T { get; set; }

    /// <inheritdoc/>
    public override double Bytes => T * 8 * 256.0 * 12;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle key = Floats(T, 8, 256);
        BufferHandle value = Floats(T, 8, 256);
        BufferHandle k = Zeros(DType.F16, 8, 1536, 256);
        BufferHandle v = Zeros(DType.F16, 8, 1536, 256);
        BufferHandle positions = Range(1400, T);
        return pass => pass.KvAppend(new(key, value, k, v, positions, T, 8, 256, 1536));
    }
}
