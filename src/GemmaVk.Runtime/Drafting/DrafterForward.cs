using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Drafting;

// Letters: D hidden size of the target, E hidden size of the drafter, F its FFN size, H query heads, K KV heads,
// W head width, V vocabulary.

/// <summary>
/// A round of drafts as kernels, one row each: the drafter's layers ask with their own queries and read the target's keys
/// and values. Every draft's token and hidden row stay on the device, where the next one takes them.
/// Source: transformers gemma4_unified_assistant, Gemma4UnifiedAssistantForCausalLM.forward, and generation/candidate_generator.
/// </summary>
internal sealed class DrafterForward
{
    private readonly GemmaModel _target;
    private readonly DrafterConfig _config;
    private readonly DrafterPlan _plan;
    private readonly DrafterWeights _w;
    private readonly DrafterBuffers _b;
    private readonly WeightMatrix _targetRows;
    private readonly WeightMatrix _ownRow;
    private readonly RopeAngles? _slidingAngles;
    private readonly RopeAngles? _fullAngles;
    private readonly float[] _angles;

    public DrafterForward(GemmaModel target, DrafterConfig config, DrafterPlan plan, DrafterWeights weights, DrafterBuffers buffers)
    {
        (_target, _config, _plan, _w, _b) = (target, config, plan, weights, buffers);
        int D = target.Config.HiddenSize;
        // Hidden rows as tables of an F32 embedding: then Embed picks a row and copies it.
        _targetRows = new WeightMatrix(DType.F32, target.Buffers.C, D, target.Buffers.A, null);
        _ownRow = new WeightMatrix(DType.F32, 1, D, buffers.Hidden, null);
        _slidingAngles = Angles(plan.Layers.FirstOrDefault(layer => layer.SlidingWindow > 0));
        _fullAngles = Angles(plan.Layers.FirstOrDefault(layer => layer.SlidingWindow == 0));
        _angles = new float[Math.Max(_slidingAngles?.W ?? 0, _fullAngles?.W ?? 0)];
    }

    /// <summary>Records a round.</summary>
    /// <param name="pass">Where to record.</param>
    /// <param name="kv">The target's cache.</param>
    /// <param name="drafts">Drafts of the round, 1 to <see cref="DraftLength.Most"/>.</param>
    public void Record(IPass pass, KvView kv, int drafts)
    {
        // Row 0 of the input is a token's embedding, row 1 a hidden row: a negative id leaves row 0 as it is.
        pass.Embed(new(_b.TargetRow, _targetRows, 1, _b.Input, 2));
        for (int draft = 0; draft < drafts; draft++)
        {
            if (draft > 0)
            {
                Linear(pass, Input(pass, _b.A, _w.PostProjection), _w.PostProjection, _b.Hidden);
                pass.Embed(new(_b.OwnRow, _ownRow, 1, _b.Input, 2));
            }

            Draft(pass, kv, draft);
        }
    }

    /// <summary>Writes what changes from round to round.</summary>
    /// <param name="token">Newest token of the text, not yet in the cache.</param>
    /// <param name="position">Its position, which all drafts of the round share.</param>
    /// <param name="row">Row of the target's newest pass that chose it.</param>
    public void WriteInputs(int token, int position, int row)
    {
        IBackend backend = _target.Backend;
        backend.Write<int>(_b.Tokens, [token]);
        backend.Write<int>(_b.TargetRow, [-1, row]);
        backend.Write<int>(_b.Position, [position]);
        backend.Write<int>(_b.Reach, [position - 1]);
        WriteAngles(_slidingAngles, position, _b.SlidingAngles);
        WriteAngles(_fullAngles, position, _b.FullAngles);
    }

    private void Draft(IPass pass, KvView kv, int draft)
    {
        int D = _target.Config.HiddenSize, E = _config.HiddenSize, V = _config.VocabSize;
        pass.Embed(new(_b.Tokens, _target.Weights.EmbedTokens, MathF.Sqrt(D), _b.Input, 1, draft));
        Linear(pass, Input(pass, _b.Input, _w.PreProjection), _w.PreProjection, _b.X);
        pass.RmsNorm(new(_b.X, _w.Layers[0].InputLayernorm, _b.A, 1, E, _config.RmsNormEps));
        _ = Input(pass, _b.A, _w.Layers[0].QProj);
        for (int i = 0; i < _w.Layers.Count; i++)
        {
            DrafterLayerWeights? then = i + 1 < _w.Layers.Count ? _w.Layers[i + 1] : null;
            Layer(pass, _plan.Layers[i], _w.Layers[i], kv[i], then?.InputLayernorm ?? _w.Norm, then?.QProj ?? _w.EmbedTokens);
        }

        // The likeliest token; what the target may not say is not worth proposing.
        int suppressed = _target.Config.Generation.SuppressTokens.Count;
        pass.MatVec(new(Prepared(_b.A, _w.EmbedTokens), _w.EmbedTokens, _b.Logits, 1, Outline: _w.Outline, Largest: 1 + suppressed));
        pass.Sample(new(_b.Logits, _target.Buffers.Suppress, suppressed, _b.Position, _b.Tokens, 1, V, default, Ahead: draft + 1));
    }

    /// <summary>One layer: eight kernels, as those of a decoder layer without keys and values of its own. A is as its first matrix takes it.</summary>
    private void Layer(IPass pass, LayerPlan plan, DrafterLayerWeights w, LayerKv kv, BufferHandle nextNorm, WeightMatrix next)
    {
        int H = plan.NumAttentionHeads, K = plan.NumKeyValueHeads, W = plan.HeadDim;
        BufferHandle angles = plan.SlidingWindow > 0 ? _b.SlidingAngles : _b.FullAngles;

        // Queries only, at the position of the newest token; they see what the cache holds before it.
        Linear(pass, Prepared(_b.A, w.QProj), w.QProj, _b.Q);
        pass.RmsNormRope(new(_b.Q, w.QNorm, angles, _b.Q, 1, H, W, _config.RmsNormEps));
        Linear(pass, Attend(pass, new(_b.Q, kv.Rows, _b.Position, _b.Reach, _b.Attention, 1, H, K, W, plan.SlidingWindow), w.OProj), w.OProj, _b.Y);
        Close(pass, w.PostAttentionLayernorm, 1, w.PreFeedforwardLayernorm, w.GateProj);

        // Gated MLP.
        Linear(pass, Gate(pass, w), w.DownProj, _b.Y);
        Close(pass, w.PostFeedforwardLayernorm, w.LayerScalar, nextNorm, next);
    }

    private Activations Attend(IPass pass, in AttentionDecode.Args attention, WeightMatrix o)
    {
        if (Quantises(o) && AttentionDecodeQuantize.Takes(attention.W))
        {
            pass.AttentionDecodeQuantize(new(attention, _b.Quantised, o.Format));
            return _b.Quantised;
        }

        pass.AttentionDecode(attention);
        return Input(pass, _b.Attention, o);
    }

    private Activations Gate(IPass pass, DrafterLayerWeights w)
    {
        Activations m = Prepared(_b.A, w.GateProj);
        if (w.GateProj.IsLike(w.UpProj) && Quantises(w.GateProj) == Quantises(w.DownProj))
        {
            Activations gated = Quantises(w.DownProj) ? _b.Gated : new Activations(_b.Gate);
            pass.MatVecGeGlu(new(m, w.GateProj, w.UpProj, _b.Gate, _b.Up, gated, w.DownProj.Format, 1));
            return gated;
        }

        pass.MatVec(new(m, w.GateProj, _b.Gate, 1));
        m = QuantBlocks.TakeSameRows(w.GateProj.Format, w.UpProj.Format) ? m : Input(pass, _b.A, w.UpProj);
        pass.MatVec(new(m, w.UpProj, _b.Up, 1));
        pass.GeGlu(new(_b.Gate, _b.Up, _b.Gate, 1, _config.IntermediateSize));
        return Input(pass, _b.Gate, w.DownProj);
    }

    private void Close(IPass pass, BufferHandle post, float scale, BufferHandle nextNorm, WeightMatrix next)
    {
        AddRmsNorm.Args norm = new(_b.X, _b.Y, post, scale, nextNorm, _b.A, 1, _config.HiddenSize, _config.RmsNormEps);
        if (Quantises(next))
        {
            pass.AddRmsNormQuantize(new(norm, _b.Quantised, next.Format));
        }
        else
        {
            pass.AddRmsNorm(norm);
        }
    }

    private static void Linear(IPass pass, in Activations x, WeightMatrix w, BufferHandle y) => pass.MatVec(new(x, w, y, 1));

    /// <summary>The row as the weights want it: INT8 for weights of integers, F32 otherwise or on request.</summary>
    private Activations Input(IPass pass, BufferHandle x, WeightMatrix w)
    {
        if (Quantises(w))
        {
            pass.QuantizeRows(new(x, _b.Quantised, w.Format, 1, w.K));
        }

        return Prepared(x, w);
    }

    private Activations Prepared(BufferHandle x, WeightMatrix w) => Quantises(w) ? _b.Quantised : new Activations(x);

    private bool Quantises(WeightMatrix w) => _target.Precision.Quantises(w.Format);

    private RopeAngles? Angles(LayerPlan? layer) => layer is null ? null : new RopeAngles(layer, _target.Precision.Angles);

    private void WriteAngles(RopeAngles? angles, int position, BufferHandle to)
    {
        if (angles is not null)
        {
            angles.Fill([position], _angles.AsSpan(0, angles.W));
            _target.Backend.Write<float>(to, _angles.AsSpan(0, angles.W));
        }
    }
}
