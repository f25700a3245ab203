using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Drafting;

// Letters: D hidden size of the target, E hidden size of the drafter, F its FFN size, H query heads, K KV heads,
// W head width, V vocabulary. A draft is one row: T is 1.

/// <summary>
/// A round of drafts as kernels, one row each: the drafter's layers ask with their own queries and read the target's keys
/// and values. Every draft's token and hidden row stay on the device, where the next one takes them.
/// Source: transformers gemma4_unified_assistant, Gemma4UnifiedAssistantForCausalLM.forward, and generation/candidate_generator.
/// </summary>
internal sealed class DrafterForward : HalfLayers
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
        : base(buffers, target.Precision, config.HiddenSize, config.RmsNormEps)
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
                Linear(pass, Input(pass, _b.A, _w.PostProjection, 1), _w.PostProjection, _b.Hidden, 1);
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
        Linear(pass, Input(pass, _b.Input, _w.PreProjection, 1), _w.PreProjection, _b.X, 1);
        pass.RmsNorm(new(_b.X, _w.Layers[0].InputLayernorm, _b.A, 1, E, _config.RmsNormEps));
        _ = Input(pass, _b.A, _w.Layers[0].QProj, 1);
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
        Linear(pass, Prepared(_b.A, w.QProj), w.QProj, _b.Q, 1);
        pass.RmsNormRope(new(_b.Q, w.QNorm, angles, _b.Q, 1, H, W, _config.RmsNormEps));
        AttendFew(pass, new(_b.Q, kv.Rows, _b.Position, _b.Reach, _b.Attention, 1, H, K, W, plan.SlidingWindow), w.OProj);
        Linear(pass, Attended(pass, w.OProj, W, 1), w.OProj, _b.Y, 1);
        Close(pass, w.PostAttentionLayernorm, 1, w.PreFeedforwardLayernorm, w.GateProj, 1);

        // Gated MLP.
        Linear(pass, Gate(pass, w.GateProj, w.UpProj, w.DownProj, 1), w.DownProj, _b.Y, 1);
        Close(pass, w.PostFeedforwardLayernorm, w.LayerScalar, nextNorm, next, 1);
    }

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
