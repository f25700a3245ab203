using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Forward;

// Step 7 of the token path; from ForwardPass, back to ForwardPass.
// Letters: T tokens in this pass, D hidden size, F FFN size, H query heads, K KV heads, W head width.

/// <summary>
/// One decoder layer as kernels: eight in passes of up to eight rows where its matrices are alike. On entry b.A holds the layer's normed
/// input, also as its first matrix takes it (<see cref="HalfLayers.Input"/>), and b.X the residual; on exit the same for the next layer, or the final hidden rows.
/// Source: transformers gemma4_unified, Gemma4UnifiedTextDecoderLayer.forward and Gemma4UnifiedTextAttention.forward.
/// </summary>
internal sealed class LayerForward(Gemma4Config config, ModelBuffers buffers, Precision precision)
    : HalfLayers(buffers, precision, config.HiddenSize, config.RmsNormEps)
{
    private readonly ModelBuffers b = buffers;

    /// <summary>Records the layer.</summary>
    /// <param name="pass">Where to record.</param>
    /// <param name="plan">What kind of layer it is.</param>
    /// <param name="w">Its weights.</param>
    /// <param name="parts">Whose rows.</param>
    /// <param name="nextNorm">The norm that follows.</param>
    /// <param name="next">The matrix that takes its rows, or null where none does.</param>
    /// <param name="T">Rows.</param>
    public void Run(IPass pass, LayerPlan plan, LayerWeights w, PassPart[] parts, BufferHandle nextNorm, WeightMatrix? next, int T)
    {
        // Queries, keys and values; attention; its output back to the residual.
        Project(pass, w, T);
        Linear(pass, Attend(pass, plan, w, parts, T), w.OProj, b.Y, T);
        Close(pass, w.PostAttentionLayernorm, 1, w.PreFeedforwardLayernorm, w.GateProj, T);

        // Gated MLP.
        Linear(pass, Gate(pass, w.GateProj, w.UpProj, w.DownProj, T), w.DownProj, b.Y, T);
        Close(pass, w.PostFeedforwardLayernorm, w.LayerScalar, nextNorm, next, T);
    }

    /// <summary>q_proj, k_proj and v_proj on rows that are prepared for the first.</summary>
    private void Project(IPass pass, LayerWeights w, int T)
    {
        Activations a = Prepared(b.A, w.QProj);
        if (Joins(T, w.QProj, w.KProj, w.VProj))
        {
            pass.MatVecQkv(new(a, w.QProj, w.KProj, w.VProj, b.Q, b.Key, b.Value, T));
            return;
        }

        Linear(pass, a, w.QProj, b.Q, T);
        Linear(pass, Again(pass, b.A, w.QProj, w.KProj, T), w.KProj, b.Key, T);
        if (w.VProj is not null)
        {
            Linear(pass, Again(pass, b.A, w.KProj, w.VProj, T), w.VProj, b.Value, T);
        }
    }

    /// <summary>Attention of each session over its own cache, the new rows included; the rows that o_proj takes.</summary>
    private Activations Attend(IPass pass, LayerPlan plan, LayerWeights w, PassPart[] parts, int T)
    {
        if (T > MatVec.MaxRows)
        {
            AttendMany(pass, plan, w, parts[0], T);
            return Input(pass, b.Attention, w.OProj, T);
        }

        foreach (PassPart part in parts)
        {
            AttendFew(pass, plan, w, part);
        }

        return Attended(pass, w.OProj, plan.HeadDim, T);
    }

    /// <summary>Up to eight rows of a session.</summary>
    private void AttendFew(IPass pass, LayerPlan plan, LayerWeights w, PassPart part)
    {
        (int H, int K, int W) = (config.NumAttentionHeads, plan.NumKeyValueHeads, plan.HeadDim);
        KvRows cache = part.Kv[plan.Index].Rows;
        pass.RmsNormRopeAppend(new(
            b.Q, b.Key, Raw(w), b.Value, w.QNorm, w.KNorm, Angles(plan), cache, b.Positions, part.T, H, K, W, config.RmsNormEps, part.First));
        AttendFew(pass, new(b.Q, cache, b.Positions, Reach(plan), b.Attention, part.T, H, K, W, plan.SlidingWindow, part.First), w.OProj);
    }

    /// <summary>The many rows of a prompt.</summary>
    private void AttendMany(IPass pass, LayerPlan plan, LayerWeights w, PassPart part, int T)
    {
        (int H, int K, int W, float eps) = (config.NumAttentionHeads, plan.NumKeyValueHeads, plan.HeadDim, config.RmsNormEps);
        KvRows cache = part.Kv[plan.Index].Rows;
        // Where values alone are kept, attention makes the new rows' keys as it makes all others.
        bool keys = cache.Keys is not null;
        pass.RmsNorm(new(Raw(w), null, b.Value, T * K, W, eps));
        pass.RmsNormRope(new(b.Q, w.QNorm, Angles(plan), b.Q, T, H, W, eps));
        if (keys)
        {
            pass.RmsNormRope(new(b.Key, w.KNorm, Angles(plan), b.Key, T, K, W, eps));
        }

        pass.KvAppend(new(keys ? b.Key : null, b.Value, cache, b.Positions, T, K, W));
        pass.AttentionPrefill(new(b.Q, cache, b.Positions, Reach(plan), b.Attention, T, H, K, W, plan.SlidingWindow));
    }

    // Full layers have no v_proj: their values are the raw keys.
    private BufferHandle Raw(LayerWeights w) => w.VProj is null ? b.Key : b.Value;

    private BufferHandle Angles(LayerPlan plan) => plan.SlidingWindow > 0 ? b.SlidingAngles : b.FullAngles;

    // Pictures open their block in sliding layers only; full layers stay causal.
    private BufferHandle Reach(LayerPlan plan) => plan.SlidingWindow > 0 ? b.Reach : b.Positions;
}
