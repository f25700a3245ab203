using System;
using System.Runtime.InteropServices;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Forward;

// Steps 6 and 8 of the token path; from Session, to LayerForward, then to Sample.
// Letters: T tokens in this pass, D hidden size.

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

    /// <summary>Records the kernels of a pass over the rows of one session, or of several.</summary>
    /// <param name="pass">Where to record.</param>
    /// <param name="parts">Whose rows, in order. Several parts have a row of logits for each of their rows.</param>
    /// <param name="logitRows">Rows of logits: the newest of the pass.</param>
    public void Record(IPass pass, PassPart[] parts, int logitRows)
    {
        ModelWeights w = _model.Weights;
        int T = parts[^1].First + parts[^1].T, D = _model.Config.HiddenSize;

        // Token rows times sqrt(D); soft rows are in place already. Then the first layer's norm.
        pass.Embed(new(_b.Ids, w.EmbedTokens, MathF.Sqrt(D), _b.X, T));
        pass.RmsNorm(new(_b.X, w.Layers[0].InputLayernorm, _b.A, T, D, _model.Config.RmsNormEps));
        _ = _layer.Input(pass, _b.A, w.Layers[0].QProj, T);

        // Layers; each closes with the norm of the one that follows, the last with the final norm.
        for (int i = 0; i < w.Layers.Count; i++)
        {
            LayerWeights? next = i + 1 < w.Layers.Count ? w.Layers[i + 1] : null;
            WeightMatrix? head = logitRows > 0 ? w.EmbedTokens : null;
            _layer.Run(pass, _model.Plan[i], w.Layers[i], parts, next?.InputLayernorm ?? w.Norm, next?.QProj ?? head, T);
        }

        // Head on the newest rows: the embedding again, then the soft cap.
        if (logitRows > 0)
        {
            Head(pass, 0, T - logitRows, logitRows, HeadOutlines.Largest(parts, _model.Config.Generation.SuppressTokens.Count));
        }

        // One id per row of logits, drawn as its session wants.
        foreach (PassPart part in parts)
        {
            if (part.Choice is { } choice)
            {
                Draw(pass, Math.Max(0, part.First - (T - logitRows)), Math.Min(part.T, logitRows), choice, part.Masked);
            }
        }
    }

    /// <summary>Records the draw of rows first .. first + rows - 1 of the logits, under their masks or of all tokens.</summary>
    public void Draw(IPass pass, int first, int rows, in Sample.Choice choice, bool masked) => pass.Sample(new(
        _b.Logits, _b.Suppress, _model.Config.Generation.SuppressTokens.Count, _b.LogitPositions, _b.Drawn, rows, _model.Config.VocabSize, choice, first,
        masked ? _b.Allowed : null));

    /// <summary>Records the head for rows first .. first + rows - 1 of the final hidden rows.</summary>
    /// <param name="pass">Where to record.</param>
    /// <param name="T">Rows of the pass; 0 where they are as the head wants them, because it ran on others of them before or the pass ends with it.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">How many, at most 8.</param>
    /// <param name="largest">How many of the largest logits matter; 0 for all.</param>
    public void Head(IPass pass, int T, int first, int rows, int largest = 0)
    {
        WeightMatrix head = _model.Weights.EmbedTokens;
        Activations x = T > 0 ? _layer.Input(pass, _b.A, head, T) : _layer.Prepared(_b.A, head);
        pass.MatVec(new(x, head, _b.Logits, rows, first, _model.Weights.Outline, largest, _model.Config.FinalLogitSoftcapping));
        if (_model.Config.FinalLogitSoftcapping is { } cap)
        {
            pass.SoftCap(new(_b.Logits, _b.Logits, cap, rows * head.N));
        }
    }

    /// <summary>Writes what changes from run to run of a pass over one session's rows: ids, positions, angles.</summary>
    /// <param name="ids">T ids.</param>
    /// <param name="first">Position of the first row.</param>
    /// <param name="logitRows">Newest rows that go through the head.</param>
    /// <param name="soft">Rows that pictures and sounds take, whose ids are placeholders.</param>
    public void WriteInputs(ReadOnlySpan<int> ids, int first, int logitRows, ReadOnlySpan<SoftRun> soft = default)
    {
        Span<int> reach = Place(ids, first, 0);
        foreach (SoftRun run in soft)
        {
            // Embed leaves rows with a negative id alone.
            _ids.AsSpan(run.Row, run.Count).Fill(-1);
            if (run.Medium.IsBlock)
            {
                reach.Slice(run.Row, run.Count).Fill(first + run.Row + run.Count - 1);
            }
        }

        Write(ids.Length, logitRows);
    }

    /// <summary>Sets ids and positions of rows <paramref name="row"/> on; returns how far they see, which is themselves.</summary>
    /// <param name="ids">Ids of neighbouring positions.</param>
    /// <param name="first">Position of the first.</param>
    /// <param name="row">Row of the pass where they begin.</param>
    public Span<int> Place(ReadOnlySpan<int> ids, int first, int row)
    {
        ids.CopyTo(_ids.AsSpan(row));
        for (int t = 0; t < ids.Length; t++)
        {
            _positions[row + t] = _reach[row + t] = first + t;
        }

        return _reach.AsSpan(row, ids.Length);
    }

    /// <summary>Writes which tokens may be drawn for rows of logits.</summary>
    /// <param name="row">The first.</param>
    /// <param name="allowed">ceil(V / 32) words for each; none where nothing is masked.</param>
    public void WriteAllowed(int row, ReadOnlySpan<uint> allowed)
    {
        if (!allowed.IsEmpty)
        {
            _model.Backend.Write<int>(_b.Allowed, MemoryMarshal.Cast<uint, int>(allowed), (long)row * Sample.Words(_model.Config.VocabSize));
        }
    }

    /// <summary>Writes what <see cref="Place"/> has set.</summary>
    /// <param name="T">Rows of the pass.</param>
    /// <param name="logitRows">Newest rows that go through the head.</param>
    public void Write(int T, int logitRows)
    {
        Runs++;
        Rows = T;
        Span<int> positions = _positions.AsSpan(0, T);
        IBackend backend = _model.Backend;
        backend.Write<int>(_b.Ids, _ids.AsSpan(0, T));
        backend.Write<int>(_b.Positions, positions);
        backend.Write<int>(_b.Reach, _reach.AsSpan(0, T));
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
