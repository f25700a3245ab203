using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Forward;

// Steps 6 and 8 of the token path; from Session, to LayerForward, then to Sample.
// Letters: T tokens in this pass, D hidden size, V vocabulary.

/// <summary>
/// Embedding, layers, final norm, head: the whole model as one straight list of kernels, the same for every backend.
/// Source: transformers gemma4_unified, Gemma4UnifiedTextModel.forward.
/// </summary>
internal sealed class ForwardPass
{
    private readonly GemmaModel _model;
    private readonly ModelBuffers _b;
    private readonly LayerForward _layer;
    private readonly RopeAngles? _slidingAngles;
    private readonly RopeAngles? _fullAngles;
    private readonly int[] _ids;
    private readonly int[] _positions;
    private readonly int[] _reach;
    private readonly float[] _angles;

    public ForwardPass(GemmaModel model)
    {
        _model = model;
        _b = model.Buffers;
        _layer = new LayerForward(model.Config, _b, model.Precision);
        foreach (LayerPlan plan in model.Plan)
        {
            if (plan.SlidingWindow > 0)
            {
                _slidingAngles ??= new RopeAngles(plan, model.Precision.Angles);
            }
            else
            {
                _fullAngles ??= new RopeAngles(plan, model.Precision.Angles);
            }
        }

        _ids = new int[_b.C];
        _positions = new int[_b.C];
        _reach = new int[_b.C];
        _angles = new float[_b.C * Math.Max(_slidingAngles?.W ?? 0, _fullAngles?.W ?? 0)];
    }

    /// <summary>Passes whose inputs were written: tells whether the activations are still those of a pass one remembers.</summary>
    public long Runs { get; private set; }

    /// <summary>Rows of the newest of them.</summary>
    public int Rows { get; private set; }

    /// <summary>Records the kernels of a pass of T rows.</summary>
    /// <param name="pass">Where to record.</param>
    /// <param name="kv">Caches, one per layer, that the rows are appended to.</param>
    /// <param name="key">Rows, rows of logits (the newest ones), and how to draw from them.</param>
    public void Record(IPass pass, IReadOnlyList<LayerKv> kv, in PassKey key)
    {
        ModelWeights w = _model.Weights;
        int T = key.T, D = _model.Config.HiddenSize, V = _model.Config.VocabSize;

        // Token rows times sqrt(D); soft rows are in place already. Then the first layer's norm.
        pass.Embed(new(_b.Ids, w.EmbedTokens, MathF.Sqrt(D), _b.X, T));
        pass.RmsNorm(new(_b.X, w.Layers[0].InputLayernorm, _b.A, T, D, _model.Config.RmsNormEps));

        // Layers; each closes with the norm of the one that follows, the last with the final norm.
        for (int i = 0; i < w.Layers.Count; i++)
        {
            _layer.Run(pass, _model.Plan[i], w.Layers[i], kv[i], i + 1 < w.Layers.Count ? w.Layers[i + 1].InputLayernorm : w.Norm, T);
        }

        // Head on the newest rows: the embedding again, then the soft cap.
        if (key.LogitRows > 0)
        {
            Head(pass, T, T - key.LogitRows, key.LogitRows);
        }

        // One id per row of logits.
        if (key.Choice is { } choice)
        {
            pass.Sample(new(_b.Logits, _b.Suppress, _model.Config.Generation.SuppressTokens.Count, _b.LogitPositions, _b.Drawn, key.LogitRows, V, choice));
        }
    }

    /// <summary>Records the head for rows first .. first + rows - 1 of the final hidden rows.</summary>
    public void Head(IPass pass, int T, int first, int rows)
    {
        WeightMatrix head = _model.Weights.EmbedTokens;
        pass.MatVec(new(_layer.Input(pass, _b.A, head, T), head, _b.Logits, rows, first));
        if (_model.Config.FinalLogitSoftcapping is { } cap)
        {
            pass.SoftCap(new(_b.Logits, _b.Logits, cap, rows * head.N));
        }
    }

    /// <summary>Writes what changes from run to run: ids, positions, angles.</summary>
    /// <param name="ids">T ids.</param>
    /// <param name="first">Position of the first row.</param>
    /// <param name="logitRows">Newest rows that go through the head.</param>
    /// <param name="soft">Rows that pictures and sounds take, whose ids are placeholders.</param>
    public void WriteInputs(ReadOnlySpan<int> ids, int first, int logitRows, ReadOnlySpan<SoftRun> soft = default)
    {
        Runs++;
        Rows = ids.Length;
        Span<int> positions = _positions.AsSpan(0, ids.Length);
        for (int t = 0; t < positions.Length; t++)
        {
            positions[t] = first + t;
        }

        Span<int> rows = _ids.AsSpan(0, ids.Length);
        Span<int> reach = _reach.AsSpan(0, ids.Length);
        ids.CopyTo(rows);
        positions.CopyTo(reach);
        foreach (SoftRun run in soft)
        {
            // Embed leaves rows with a negative id alone.
            rows.Slice(run.Row, run.Count).Fill(-1);
            if (run.Medium.IsBlock)
            {
                reach.Slice(run.Row, run.Count).Fill(first + run.Row + run.Count - 1);
            }
        }

        IBackend backend = _model.Backend;
        backend.Write<int>(_b.Ids, rows);
        backend.Write<int>(_b.Positions, positions);
        backend.Write<int>(_b.Reach, reach);
        backend.Write<int>(_b.LogitPositions, positions[^logitRows..]);
        WriteAngles(_slidingAngles, positions, _b.SlidingAngles);
        WriteAngles(_fullAngles, positions, _b.FullAngles);
    }

    private void WriteAngles(RopeAngles? angles, ReadOnlySpan<int> positions, BufferHandle to)
    {
        if (angles is not null)
        {
            Span<float> rows = _angles.AsSpan(0, positions.Length * angles.W);
            angles.Fill(positions, rows);
            _model.Backend.Write<float>(to, rows);
        }
    }
}
