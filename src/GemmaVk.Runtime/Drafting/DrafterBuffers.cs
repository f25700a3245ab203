using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Drafting;

// Letters: D hidden size of the target, E hidden size of the drafter, F its FFN size, H query heads, W head width,
// V vocabulary. A draft is a pass of one row.

/// <summary>All activations of a drafter, shared by every session of its model.</summary>
public sealed class DrafterBuffers : ILayerBuffers, IDisposable
{
    private readonly Dictionary<string, BufferHandle> _all = [];

    /// <summary>Allocates.</summary>
    public DrafterBuffers(IBackend backend, DrafterConfig config, DrafterPlan plan)
    {
        foreach (PlannedBuffer buffer in Layout(config, plan))
        {
            _all.Add(buffer.Name, buffer.Allocate(backend));
        }

        Input = _all["drafter.input"];
        Hidden = _all["drafter.hidden"];
        X = _all["drafter.x"];
        A = _all["drafter.a"];
        Q = _all["drafter.q"];
        Attention = _all["drafter.attention"];
        Y = _all["drafter.y"];
        Gate = _all["drafter.gate"];
        Up = _all["drafter.up"];
        Quantised = new Activations(_all["drafter.quantised"], _all["drafter.quantised_scale"], _all["drafter.quantised_sum"]);
        Gated = new Activations(_all["drafter.gated"], _all["drafter.gated_scale"], _all["drafter.gated_sum"]);
        Logits = _all["drafter.logits"];
        Tokens = _all["drafter.tokens"];
        TargetRow = _all["drafter.target_row"];
        OwnRow = _all["drafter.own_row"];
        Position = _all["drafter.position"];
        Reach = _all["drafter.reach"];
        SlidingAngles = _all["drafter.sliding_angles"];
        FullAngles = _all["drafter.full_angles"];
        WriteConstants(backend);
    }

    /// <summary>Writes what never changes.</summary>
    internal void WriteConstants(IBackend backend) => backend.Write<int>(OwnRow, [-1, 0]);

    /// <summary>What the constructor allocates.</summary>
    public static IReadOnlyList<PlannedBuffer> Layout(DrafterConfig config, DrafterPlan plan)
    {
        long D = config.BackboneHiddenSize;
        long E = config.HiddenSize;
        long F = config.IntermediateSize;
        long V = config.VocabSize;
        long queries = plan.Layers.Max(layer => (long)layer.QueryWidth);
        long inputs = new[] { 2 * D, E, F, queries }.Max();
        long sliding = plan.Layers.Where(layer => layer.SlidingWindow > 0).Max(layer => (int?)layer.HeadDim) ?? 2;
        long full = plan.Layers.Where(layer => layer.SlidingWindow == 0).Max(layer => (int?)layer.HeadDim) ?? 2;
        return
        [
            new("drafter.input", DType.F32, new(2, D)),
            new("drafter.hidden", DType.F32, new(1, D)),
            new("drafter.x", DType.F32, new(1, E)),
            new("drafter.a", DType.F32, new(1, E)),
            new("drafter.q", DType.F32, new(1, queries)),
            new("drafter.attention", DType.F32, new(1, queries)),
            new("drafter.y", DType.F32, new(1, E)),
            new("drafter.gate", DType.F32, new(1, F)),
            new("drafter.up", DType.F32, new(1, F)),
            new("drafter.quantised", DType.I8, new(1, inputs)),
            new("drafter.quantised_scale", DType.F32, new(1, inputs / QuantBlocks.GroupSize)),
            new("drafter.quantised_sum", DType.F32, new(1, inputs / QuantBlocks.GroupSize)),
            new("drafter.gated", DType.I8, new(1, F)),
            new("drafter.gated_scale", DType.F32, new(1, F / QuantBlocks.GroupSize)),
            new("drafter.gated_sum", DType.F32, new(1, F / QuantBlocks.GroupSize)),
            new("drafter.logits", DType.F32, new(1, V), BufferUse.Logits),
            new("drafter.tokens", DType.I32, new(DraftLength.Most + 1), BufferUse.Result),
            new("drafter.target_row", DType.I32, new(2), BufferUse.Step),
            new("drafter.own_row", DType.I32, new(2), BufferUse.Step),
            new("drafter.position", DType.I32, new(1), BufferUse.Step),
            new("drafter.reach", DType.I32, new(1), BufferUse.Step),
            new("drafter.sliding_angles", DType.F32, new(1, sliding), BufferUse.Step),
            new("drafter.full_angles", DType.F32, new(1, full), BufferUse.Step),
        ];
    }

    /// <summary>[2, D]: the newest token's embedding, then the hidden row; read as one row of 2 D.</summary>
    public BufferHandle Input { get; }

    /// <summary>[1, D]: what post_projection gives, the hidden row for the next draft.</summary>
    public BufferHandle Hidden { get; }

    /// <summary>Residual stream, [1, E].</summary>
    public BufferHandle X { get; }

    /// <summary>Normed input of the next half layer; after the last layer the final hidden row, [1, E].</summary>
    public BufferHandle A { get; }

    /// <summary>Queries, [1, H, W].</summary>
    public BufferHandle Q { get; }

    /// <summary>Attention output, heads joined, [1, H * W].</summary>
    public BufferHandle Attention { get; }

    /// <summary>Output of o_proj or down_proj, before its post-norm, [1, E].</summary>
    public BufferHandle Y { get; }

    /// <summary>Gate, then the gated product, [1, F].</summary>
    public BufferHandle Gate { get; }

    /// <summary>Up, [1, F].</summary>
    public BufferHandle Up { get; }

    /// <summary>INT8 row for the product that comes next, [1, max(2 D, E, F, H * W)].</summary>
    public Activations Quantised { get; }

    /// <summary>INT8 row of the gated product, [1, F].</summary>
    public Activations Gated { get; }

    /// <summary>Logits of the newest draft, [1, V]; not capped.</summary>
    public BufferHandle Logits { get; }

    /// <summary>The newest token of the text, then the drafts. A draft reads the one before it on the device; the host reads all of them at once.</summary>
    public BufferHandle Tokens { get; }

    /// <summary>[2]: -1, and the row of the target's newest pass that chose the newest token.</summary>
    public BufferHandle TargetRow { get; }

    /// <summary>[2]: -1 and 0, the only row of <see cref="Hidden"/>.</summary>
    public BufferHandle OwnRow { get; }

    /// <summary>[1]: position of the newest token, the same for all drafts of a round.</summary>
    public BufferHandle Position { get; }

    /// <summary>[1]: newest position in the cache, one before <see cref="Position"/>.</summary>
    public BufferHandle Reach { get; }

    /// <summary>Cosines and sines for sliding layers, [1, W].</summary>
    public BufferHandle SlidingAngles { get; }

    /// <summary>Cosines and sines for full layers, [1, W].</summary>
    public BufferHandle FullAngles { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BufferHandle buffer in _all.Values)
        {
            buffer.Dispose();
        }
    }
}
