using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Forward;

// Step 7 of the token path; from ForwardPass, back to ForwardPass.
// Letters: T tokens in this pass, D hidden size, F FFN size, H query heads, K KV heads, W head width.

/// <summary>
/// One decoder layer as kernels. On entry b.A holds the layer's normed input and b.X the residual; on exit b.A holds
/// the next layer's normed input (or the final hidden rows) and b.X its residual.
/// Source: transformers gemma4_unified, Gemma4UnifiedTextDecoderLayer.forward and Gemma4UnifiedTextAttention.forward.
/// </summary>
internal sealed class LayerForward(Gemma4Config config, ModelBuffers b, Precision precision)
{
    public void Run(IPass pass, LayerPlan plan, LayerWeights w, PassPart[] parts, BufferHandle nextNorm, int T)
    {
        int D = config.HiddenSize, F = config.IntermediateSize, H = config.NumAttentionHeads;
        int K = plan.NumKeyValueHeads, W = plan.HeadDim;
        float eps = config.RmsNormEps;
        BufferHandle angles = plan.SlidingWindow > 0 ? b.SlidingAngles : b.FullAngles;
        // Pictures open their block in sliding layers only; full layers stay causal.
        BufferHandle reach = plan.SlidingWindow > 0 ? b.Reach : b.Positions;

        // Queries, keys and values. Full layers have no v_proj: their values are the raw keys, so they go first.
        Activations a = Input(pass, b.A, w.QProj, T);
        Linear(pass, a, w.QProj, b.Q, T);
        a = Again(pass, b.A, w.QProj, w.KProj, T);
        Linear(pass, a, w.KProj, b.Key, T);
        if (w.VProj is not null)
        {
            a = Again(pass, b.A, w.KProj, w.VProj, T);
            Linear(pass, a, w.VProj, b.Value, T);
        }

        pass.RmsNorm(new(w.VProj is null ? b.Key : b.Value, null, b.Value, T * K, W, eps));
        pass.RmsNormRope(new(b.Q, w.QNorm, angles, b.Q, T, H, W, eps));
        // Where values alone are kept, attention makes the new rows' keys as it makes all others.
        bool keys = parts[0].Kv[plan.Index].Rows.Keys is not null;
        if (keys)
        {
            pass.RmsNormRope(new(b.Key, w.KNorm, angles, b.Key, T, K, W, eps));
        }

        // Attention of each session over its own cache, the new rows included.
        foreach (PassPart part in parts)
        {
            KvRows cache = part.Kv[plan.Index].Rows;
            pass.KvAppend(new(keys ? b.Key : null, b.Value, cache, b.Positions, part.T, K, W, part.First));
            if (T <= MatVec.MaxRows)
            {
                pass.AttentionDecode(new(b.Q, cache, b.Positions, reach, b.Attention, part.T, H, K, W, plan.SlidingWindow, part.First));
            }
            else
            {
                pass.AttentionPrefill(new(b.Q, cache, b.Positions, reach, b.Attention, T, H, K, W, plan.SlidingWindow));
            }
        }

        Linear(pass, Input(pass, b.Attention, w.OProj, T), w.OProj, b.Y, T);
        pass.AddRmsNorm(new(b.X, b.Y, w.PostAttentionLayernorm, 1, w.PreFeedforwardLayernorm, b.A, T, D, eps));

        // Gated MLP.
        Activations m = Input(pass, b.A, w.GateProj, T);
        Linear(pass, m, w.GateProj, b.Gate, T);
        m = Again(pass, b.A, w.GateProj, w.UpProj, T);
        Linear(pass, m, w.UpProj, b.Up, T);
        pass.GeGlu(new(b.Gate, b.Up, b.Gate, T, F));
        Linear(pass, Input(pass, b.Gate, w.DownProj, T), w.DownProj, b.Y, T);
        pass.AddRmsNorm(new(b.X, b.Y, w.PostFeedforwardLayernorm, w.LayerScalar, nextNorm, b.A, T, D, eps));
    }

    /// <summary>The rows as the weights want them: INT8 for weights of integers, F32 otherwise or on request.</summary>
    public Activations Input(IPass pass, BufferHandle x, WeightMatrix w, int T)
    {
        if (Quantises(w))
        {
            pass.QuantizeRows(new(x, b.Quantised, w.Format, T, w.K));
        }

        return Prepared(x, w);
    }

    /// <summary>What <see cref="Input"/> has made of the rows.</summary>
    public Activations Prepared(BufferHandle x, WeightMatrix w) => Quantises(w) ? b.Quantised : new Activations(x);

    /// <summary>The rows for a further product of one input: made anew only where its weights take others than the last one's.</summary>
    private Activations Again(IPass pass, BufferHandle x, WeightMatrix last, WeightMatrix w, int T) =>
        QuantBlocks.TakeSameRows(last.Format, w.Format) ? Prepared(x, w) : Input(pass, x, w, T);

    private bool Quantises(WeightMatrix w) => precision.QuantiseActivations == true && QuantBlocks.HasGroups(w.Format);

    private static void Linear(IPass pass, in Activations x, WeightMatrix w, BufferHandle y, int T)
    {
        if (T <= MatVec.MaxRows)
        {
            pass.MatVec(new(x, w, y, T));
        }
        else
        {
            pass.MatMul(new(x, w, y, T));
        }
    }
}
