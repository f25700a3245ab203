using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime;

// Letters: C rows of the longest pass (a chunk), D hidden size, F FFN size, H query heads, K KV heads, W head width,
// V vocabulary. Where two kinds of layers differ, a buffer is as wide as the wider one.

/// <summary>All activations of a pass: the run state, shared by every session of a model.</summary>
public sealed class ModelBuffers : IDisposable
{
    private readonly List<BufferHandle> _all = [];

    /// <summary>Allocates for passes of up to <paramref name="chunk"/> rows.</summary>
    public ModelBuffers(IBackend backend, Gemma4Config config, IReadOnlyList<LayerPlan> plan, int chunk)
    {
        C = chunk;
        long D = config.HiddenSize;
        long F = config.IntermediateSize;
        long V = config.VocabSize;
        long H = config.NumAttentionHeads;
        long widest = plan.Max(layer => layer.HeadDim);
        long keys = plan.Max(layer => (long)layer.NumKeyValueHeads * layer.HeadDim);
        long inputs = new[] { D, F, H * widest }.Max();

        BufferHandle Rows(string name, DType dtype, long width) => Add(backend.Allocate(name, dtype, new Shape(C, width)));
        BufferHandle Step(string name, DType dtype, params ReadOnlySpan<long> extents) =>
            Add(backend.Allocate(name, dtype, new Shape(extents), BufferUse.Step));

        X = Rows("x", DType.F32, D);
        A = Rows("a", DType.F32, D);
        Q = Rows("q", DType.F32, H * widest);
        Key = Rows("key", DType.F32, keys);
        Value = Rows("value", DType.F32, keys);
        Attention = Rows("attention", DType.F32, H * widest);
        Y = Rows("y", DType.F32, D);
        Gate = Rows("gate", DType.F32, F);
        Up = Rows("up", DType.F32, F);
        Quantised = new Activations(
            Rows("quantised", DType.I8, inputs),
            Rows("quantised_scale", DType.F32, inputs / QuantBlocks.GroupSize),
            Rows("quantised_sum", DType.F32, inputs / QuantBlocks.GroupSize));
        Logits = Step("logits", DType.F32, MatVec.MaxRows, V);
        Ids = Step("ids", DType.I32, C);
        Positions = Step("positions", DType.I32, C);
        Reach = Step("reach", DType.I32, C);
        SlidingAngles = Step("sliding_angles", DType.F32, C, plan.Where(layer => layer.SlidingWindow > 0).Max(layer => (int?)layer.HeadDim) ?? 2);
        FullAngles = Step("full_angles", DType.F32, C, plan.Where(layer => layer.SlidingWindow == 0).Max(layer => (int?)layer.HeadDim) ?? 2);
        LogitPositions = Step("logit_positions", DType.I32, MatVec.MaxRows);
        Drawn = Step("drawn", DType.I32, MatVec.MaxRows);
        Suppress = Step("suppress", DType.I32, Math.Max(1, config.Generation.SuppressTokens.Count));
    }

    /// <summary>C, the most rows a pass may have.</summary>
    public int C { get; }

    /// <summary>Residual stream, [C, D].</summary>
    public BufferHandle X { get; }

    /// <summary>Normed input of the next half layer; after the last layer the final hidden rows, [C, D].</summary>
    public BufferHandle A { get; }

    /// <summary>Queries, [C, H, W].</summary>
    public BufferHandle Q { get; }

    /// <summary>New keys, [C, K, W].</summary>
    public BufferHandle Key { get; }

    /// <summary>New values, [C, K, W].</summary>
    public BufferHandle Value { get; }

    /// <summary>Attention output, heads joined, [C, H * W].</summary>
    public BufferHandle Attention { get; }

    /// <summary>Output of o_proj or down_proj, before its post-norm, [C, D].</summary>
    public BufferHandle Y { get; }

    /// <summary>Gate, then the gated product, [C, F].</summary>
    public BufferHandle Gate { get; }

    /// <summary>Up, [C, F].</summary>
    public BufferHandle Up { get; }

    /// <summary>INT8 rows for the product that comes next, [C, max(D, F, H * W)].</summary>
    public Activations Quantised { get; }

    /// <summary>Soft-capped logits of the newest rows, [8, V].</summary>
    public BufferHandle Logits { get; }

    /// <summary>Token ids, [C]; negative where a soft row is put instead.</summary>
    public BufferHandle Ids { get; }

    /// <summary>Position of each row, [C].</summary>
    public BufferHandle Positions { get; }

    /// <summary>Last position each row of a sliding layer may see, [C].</summary>
    public BufferHandle Reach { get; }

    /// <summary>Cosines and sines for sliding layers, [C, W].</summary>
    public BufferHandle SlidingAngles { get; }

    /// <summary>Cosines and sines for full layers, [C, W].</summary>
    public BufferHandle FullAngles { get; }

    /// <summary>Position of each row of logits, [8].</summary>
    public BufferHandle LogitPositions { get; }

    /// <summary>Drawn token per row of logits, [8].</summary>
    public BufferHandle Drawn { get; }

    /// <summary>Ids that are never drawn, [S].</summary>
    public BufferHandle Suppress { get; }

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(buffer => buffer.Dispose());

    private BufferHandle Add(BufferHandle buffer)
    {
        _all.Add(buffer);
        return buffer;
    }
}
