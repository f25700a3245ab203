using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Forward;

// Letters: C rows of the longest pass (a chunk), D hidden size, F FFN size, H query heads, K KV heads, W head width,
// V vocabulary. Where two kinds of layers differ, a buffer is as wide as the wider one.

/// <summary>All activations of a pass: the run state, shared by every session of a model.</summary>
public sealed class ModelBuffers : ILayerBuffers, IDisposable
{
    private readonly Dictionary<string, BufferHandle> _all = [];

    /// <summary>Allocates for passes of up to <paramref name="chunk"/> rows.</summary>
    public ModelBuffers(IBackend backend, Gemma4Config config, IReadOnlyList<LayerPlan> plan, int chunk)
    {
        C = chunk;
        foreach (PlannedBuffer buffer in Layout(config, plan, chunk))
        {
            _all.Add(buffer.Name, buffer.Allocate(backend));
        }

        X = _all["x"];
        A = _all["a"];
        Q = _all["q"];
        Key = _all["key"];
        Value = _all["value"];
        Attention = _all["attention"];
        Y = _all["y"];
        Gate = _all["gate"];
        Up = _all["up"];
        Quantised = new Activations(_all["quantised"], _all["quantised_scale"], _all["quantised_sum"]);
        Gated = new Activations(_all["gated"], _all["gated_scale"], _all["gated_sum"]);
        Logits = _all["logits"];
        Ids = _all["ids"];
        Positions = _all["positions"];
        Reach = _all["reach"];
        SlidingAngles = _all["sliding_angles"];
        FullAngles = _all["full_angles"];
        LogitPositions = _all["logit_positions"];
        Drawn = _all["drawn"];
        Suppress = _all["suppress"];
        Allowed = _all["allowed"];
        CoarseAngles = _all.GetValueOrDefault("coarse_angles");
        FineAngles = _all.GetValueOrDefault("fine_angles");
    }

    /// <summary>What the constructor allocates.</summary>
    public static IReadOnlyList<PlannedBuffer> Layout(Gemma4Config config, IReadOnlyList<LayerPlan> plan, int chunk)
    {
        long C = chunk;
        long D = config.HiddenSize;
        long F = config.IntermediateSize;
        long V = config.VocabSize;
        long widest = plan.Max(layer => layer.HeadDim);
        long queries = config.NumAttentionHeads * widest;
        long keys = plan.Max(layer => (long)layer.NumKeyValueHeads * layer.HeadDim);
        long few = Math.Min(C, MatVec.MaxRows);
        long inputs = new[] { D, F, queries }.Max();
        long sliding = plan.Where(layer => layer.SlidingWindow > 0).Max(layer => (int?)layer.HeadDim) ?? 2;
        long full = plan.Where(layer => layer.SlidingWindow == 0).Max(layer => (int?)layer.HeadDim) ?? 2;
        // One frequency table serves all layers that rebuild keys: they are of one kind.
        int pairs = plan.Where(Precision.CanKeepValuesOnly).Max(layer => (int?)layer.RotatedPairs) ?? 0;
        long steps = ((config.MaxPositionEmbeddings - 1) / KeysFromValues.Step) + 1;
        PlannedBuffer[] tables = pairs == 0
            ? []
            : [new("coarse_angles", DType.F32, new(steps, 2 * pairs)), new("fine_angles", DType.F32, new(KeysFromValues.Step, 2 * pairs))];
        return
        [
            new("x", DType.F32, new(C, D)),
            new("a", DType.F32, new(C, D)),
            new("q", DType.F32, new(C, queries)),
            new("key", DType.F32, new(C, keys)),
            new("value", DType.F32, new(C, keys)),
            new("attention", DType.F32, new(C, queries)),
            new("y", DType.F32, new(C, D)),
            new("gate", DType.F32, new(C, F)),
            new("up", DType.F32, new(C, F)),
            new("quantised", DType.I8, new(C, inputs)),
            new("quantised_scale", DType.F32, new(C, inputs / QuantBlocks.GroupSize)),
            new("quantised_sum", DType.F32, new(C, inputs / QuantBlocks.GroupSize)),
            new("gated", DType.I8, new(few, F)),
            new("gated_scale", DType.F32, new(few, F / QuantBlocks.GroupSize)),
            new("gated_sum", DType.F32, new(few, F / QuantBlocks.GroupSize)),
            new("logits", DType.F32, new(MatVec.MaxRows, V), BufferUse.Logits),
            new("ids", DType.I32, new(C), BufferUse.Step),
            new("positions", DType.I32, new(C), BufferUse.Step),
            new("reach", DType.I32, new(C), BufferUse.Step),
            new("sliding_angles", DType.F32, new(C, sliding), BufferUse.Step),
            new("full_angles", DType.F32, new(C, full), BufferUse.Step),
            new("logit_positions", DType.I32, new(MatVec.MaxRows), BufferUse.Step),
            new("drawn", DType.I32, new(MatVec.MaxRows), BufferUse.Result),
            new("suppress", DType.I32, new(Math.Max(1, config.Generation.SuppressTokens.Count)), BufferUse.Step),
            new("allowed", DType.I32, new(MatVec.MaxRows, Sample.Words(config.VocabSize)), BufferUse.Step),
            .. tables,
        ];
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

    /// <summary>INT8 rows of the gated product, [min(C, 8), F]: made from <see cref="Quantised"/>, so they lie elsewhere.</summary>
    public Activations Gated { get; }

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

    /// <summary>Which tokens may be drawn per row of logits, a bit each, [8, ceil(V / 32)]; read where a row is masked.</summary>
    public BufferHandle Allowed { get; }

    /// <summary>Angles of every 512th position for rebuilt keys (<see cref="KeysFromValues"/>); null where no layer can keep values alone.</summary>
    public BufferHandle? CoarseAngles { get; }

    /// <summary>Angles of the first 512 positions, as <see cref="CoarseAngles"/>.</summary>
    public BufferHandle? FineAngles { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BufferHandle buffer in _all.Values)
        {
            buffer.Dispose();
        }
    }
}
