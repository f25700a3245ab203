using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Drafting;

/// <summary>
/// The assistant of a model on the same device: a few narrow layers that guess the tokens to come. It keeps no keys and
/// values of its own but reads those of the target's last sliding and last full layer. Its guesses change when tokens
/// come, never which.
/// </summary>
public sealed class Drafter : IDisposable
{
    private readonly GemmaModel _target;
    private readonly DrafterPlan _plan;
    private readonly DrafterForward _forward;

    private Drafter(GemmaModel target, DrafterConfig config, DrafterPlan plan, DrafterPrecision precision, DrafterWeights weights, int? length)
    {
        _target = target;
        _plan = plan;
        Precision = precision;
        Weights = weights;
        Length = new DraftLength(length);
        Buffers = new DrafterBuffers(target.Backend, config, plan);
        _forward = new DrafterForward(target, config, plan, weights, Buffers);
    }

    /// <summary>Formats of its weights.</summary>
    public DrafterPrecision Precision { get; }

    /// <summary>Weights on the device.</summary>
    public DrafterWeights Weights { get; }

    /// <summary>Activations on the device.</summary>
    public DrafterBuffers Buffers { get; }

    /// <summary>How many tokens it is worth guessing here; keeps what it learns from answer to answer.</summary>
    internal DraftLength Length { get; }

    /// <summary>Loads a drafter for a model.</summary>
    /// <param name="target">The model it was trained with; must outlive it.</param>
    /// <param name="checkpoint">Must outlive it too: its mapped bytes may be used in place.</param>
    /// <param name="precision">Formats of its weights.</param>
    /// <param name="length">Drafts per round, 1 to <see cref="DraftLength.Most"/>; null chooses while running.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <exception cref="GemmaVkException">It does not fit the target, a tensor is missing, or memory is short.</exception>
    public static Drafter Load(
        GemmaModel target, DrafterCheckpoint checkpoint, DrafterPrecision precision, int? length = null, Action<long>? progress = null)
    {
        DrafterPlan plan = DrafterPlan.For(checkpoint.Config, target.Config);
        precision = precision.For(checkpoint.Config);
        DrafterWeights weights = DrafterWeights.Load(checkpoint, target.Backend, precision, progress);
        try
        {
            return new Drafter(target, checkpoint.Config, plan, precision, weights, length);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Writes again what is on the device, after it was opened anew.</summary>
    internal void Restore()
    {
        Weights.Restore();
        Buffers.WriteConstants(_target.Backend);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Buffers.Dispose();
        Weights.Dispose();
    }

    /// <summary>Guesses the tokens that follow <paramref name="token"/>.</summary>
    /// <param name="cache">The session's past, which ends before that token.</param>
    /// <param name="token">The newest token.</param>
    /// <param name="row">Row of the target's newest pass that chose it: its hidden row must still be there.</param>
    /// <param name="drafts">Receives the guesses: 1 to <see cref="DraftLength.Most"/>.</param>
    internal void Propose(KvCache cache, int token, int row, Span<int> drafts)
    {
        Weights.CheckUnchanged();
        _forward.WriteInputs(token, cache.Length, row);
        _target.Backend.Run(Recording(cache, drafts.Length));
        _target.Backend.Read(Buffers.Tokens, drafts, first: 1);
    }

    private IRecording Recording(KvCache cache, int drafts)
    {
        Dictionary<(Drafter By, int Drafts), IRecording> recordings = cache.DraftRecordings;
        if (!recordings.TryGetValue((this, drafts), out IRecording? recording))
        {
            recording = Record(cache, drafts);
            recordings.Add((this, drafts), recording);
        }

        return recording;
    }

    // In a method of its own, so that the closure is not made in every round.
    private IRecording Record(KvCache cache, int drafts)
    {
        IReadOnlyList<LayerKv> layers = cache.Layers;
        KvView view = new(layers, _plan);
        return _target.Backend.Record($"{drafts} drafts", pass => _forward.Record(pass, view, drafts));
    }
}
