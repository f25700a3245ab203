using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>Decoding in a sliding layer and at a depth in a full one, with the rows that o_proj takes.</summary>
public class AttentionDecodeQuantizeBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 8)]
    public int T { get; set; }

    /// <summary>Positions in the cache of values alone, and 0 for a sliding layer: 8 KV heads of 256, window 1024. Full: one KV head of 512.</summary>
    [Params(0, 4096, 32768)]
    public int Depth { get; set; }

    /// <inheritdoc/>
    public override double Bytes => AttentionDecodeQuantize.Cost(DType.F16, Depth > 0, T, 16, K, W, Window, First).Bytes;

    /// <inheritdoc/>
    public override double Operations => AttentionDecodeQuantize.Cost(DType.F16, Depth > 0, T, 16, K, W, Window, First).Operations;

    private int K => Depth == 0 ? 8 : 1;

    private int W => Depth == 0 ? 256 : 512;

    private int Window => Depth == 0 ? 1024 : 0;

    private int First => (Depth == 0 ? 4096 : Depth) - T;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        KvRows cache = Cache(Depth == 0 ? CacheFormat.F16 : CacheFormat.F16Values, K, Depth == 0 ? 1024 + T : Depth, W);
        BufferHandle q = Floats(T, 16, W);
        BufferHandle positions = Range(First, T);
        BufferHandle y = Floats(T, 16 * W);
        Activations rows = Rows(DType.Q4, T, 16 * W);
        return pass => pass.AttentionDecodeQuantize(new(new(q, cache, positions, positions, y, T, 16, K, W, Window), rows, DType.Q4));
    }
}
