using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Bench;

/// <summary>A chunk of a prompt up to position 4096.</summary>
public class AttentionPrefillBench : KernelBench
{
    private const int S = 4096;

    /// <summary>Rows in the pass.</summary>
    [Params(256)]
    public int T { get; set; }

    /// <summary>Sliding: 8 KV heads of 256, window 1024. Full: one KV head of 512.</summary>
    [Params(true, false)]
    public bool Sliding { get; set; }

    /// <summary>How rows are kept; a sliding layer keeps keys in any case.</summary>
    [Params(CacheFormat.F16, CacheFormat.F16Values, CacheFormat.Q8Values)]
    public CacheFormat Format { get; set; }

    /// <inheritdoc/>
    public override double Bytes => Cost.Bytes;

    /// <inheritdoc/>
    public override double Operations => Cost.Operations;

    private KernelCost Cost => Sliding
        ? AttentionPrefill.Cost(Rows(Format), false, T, 16, 8, 256, 1024, S - T)
        : AttentionPrefill.Cost(Rows(Format), ValuesOnly(Format), T, 16, 1, 512, 0, S - T);

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        (int K, int W, int window) = Sliding ? (8, 256, 1024) : (1, 512, 0);
        CacheFormat format = !Sliding ? Format : Format == CacheFormat.Q8Values ? CacheFormat.Q8 : CacheFormat.F16;
        KvRows cache = Cache(format, K, Sliding ? 1024 + T : S, W);
        BufferHandle q = Floats(T, 16, W);
        BufferHandle positions = Range(S - T, T);
        BufferHandle y = Floats(T, 16 * W);
        return pass => pass.AttentionPrefill(new(q, cache, positions, positions, y, T, 16, K, W, window));
    }
}
