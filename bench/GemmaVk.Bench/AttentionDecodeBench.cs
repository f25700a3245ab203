using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Bench;

/// <summary>Decoding and verifying at a depth: one full layer of the 12B, or one sliding layer, whose window is the same at every depth.</summary>
public class AttentionDecodeBench : KernelBench
{
    /// <summary>Rows in the pass.</summary>
    [Params(1, 8)]
    public int T { get; set; }

    /// <summary>Positions in the cache, and 0 for a sliding layer: 8 KV heads of 256, window 1024. Full: one KV head of 512.</summary>
    [Params(0, 4096, 32768, 131072, 262000)]
    public int Depth { get; set; }

    /// <summary>How rows are kept.</summary>
    [Params(CacheFormat.F16, CacheFormat.F16Values, CacheFormat.Q8, CacheFormat.Q8Values)]
    public CacheFormat Format { get; set; }

    /// <inheritdoc/>
    public override double Bytes => Cost.Bytes;

    /// <inheritdoc/>
    public override double Operations => Cost.Operations;

    private KernelCost Cost => AttentionDecode.Cost(Rows(Format), ValuesOnly(Format) && Depth > 0, T, 16, K, W, Depth == 0 ? 1024 : 0, (Depth == 0 ? 4096 : Depth) - T);

    private int K => Depth == 0 ? 8 : 1;

    private int W => Depth == 0 ? 256 : 512;

    private int Seen => Depth == 0 ? 1024 : Depth;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        int window = Depth == 0 ? 1024 : 0;
        // A sliding layer has stored keys: the parameter then says what its numbers are.
        CacheFormat format = Depth > 0 ? Format : Format is CacheFormat.Q8 or CacheFormat.Q8Values ? CacheFormat.Q8 : CacheFormat.F16;
        KvRows cache = Cache(format, K, Depth == 0 ? 1024 + T : Depth, W);
        BufferHandle q = Floats(T, 16, W);
        BufferHandle positions = Range((Depth == 0 ? 4096 : Depth) - T, T);
        BufferHandle y = Floats(T, 16 * W);
        return pass => pass.AttentionDecode(new(q, cache, positions, positions, y, T, 16, K, W, window));
    }
}
