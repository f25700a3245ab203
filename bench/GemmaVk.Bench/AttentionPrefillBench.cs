using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

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

    /// <inheritdoc/>
    public override double Bytes => 4.0 * (Sliding ? 8 * 256 * 1024 : 512 * S);

    /// <inheritdoc/>
    public override double Operations => 4.0 * T * 16 * (Sliding ? 256 * 1024 : 512 * (S - (T / 2)));

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        (int K, int W, int window) = Sliding ? (8, 256, 1024) : (1, 512, 0);
        int R = Sliding ? 1024 + T : S;
        BufferHandle q = Floats(T, 16, W);
        BufferHandle k = Zeros(DType.F16, K, R, W);
        BufferHandle v = Zeros(DType.F16, K, R, W);
        BufferHandle positions = Range(S - T, T);
        BufferHandle y = Floats(T, 16 * W);
        return pass => pass.AttentionPrefill(new(q, k, v, positions, positions, y, T, 16, K, W, R, window));
    }
}
