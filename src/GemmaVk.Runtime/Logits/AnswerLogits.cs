using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;

namespace GemmaVk.Runtime.Logits;

// Letters: T rows of a pass (the newest token and its drafts), V vocabulary.

/// <summary>
/// An answer whose logits are looked at or changed between a pass and the draw: they are read back, changed for each row as if the drafts
/// before it were part of the answer (so that drafts change nothing), and drawn by the device's own kernel. What was drawn is then given
/// with its log-probability.
/// </summary>
internal sealed class AnswerLogits
{
    private readonly GemmaModel _model;
    private readonly LogitOptions _options;
    private readonly Sample.Choice _choice;
    private readonly Dictionary<int, int> _counts = [];
    private readonly HashSet<int> _seen = [];
    private readonly int[] _rows = new int[MatVec.MaxRows];
    private readonly int[] _drawn = new int[MatVec.MaxRows];
    private readonly TokenLogprob?[] _logprobs = new TokenLogprob?[MatVec.MaxRows];
    private readonly List<(int Id, float Logit)> _changed = [];
    private int _count = 1;
    private int _given;

    /// <param name="model">What runs.</param>
    /// <param name="options">What is wanted, checked.</param>
    /// <param name="choice">How to draw.</param>
    /// <param name="past">Every token before the answer.</param>
    /// <param name="answered">Tokens that the answer has already.</param>
    public AnswerLogits(GemmaModel model, LogitOptions options, in Sample.Choice choice, ReadOnlySpan<int> past, IReadOnlyList<int> answered)
    {
        (_model, _options, _choice) = (model, options, choice);
        if (options.RepetitionPenalty != 1)
        {
            foreach (int id in past)
            {
                _seen.Add(id);
            }
        }

        foreach (int id in answered)
        {
            Count(id);
        }
    }

    /// <summary>Names the rows of the next pass: the newest token of the answer, then its drafts.</summary>
    public void Expect(ReadOnlySpan<int> rows)
    {
        rows.CopyTo(_rows);
        _count = rows.Length;
    }

    /// <summary>Draws the rows that the pass has left.</summary>
    /// <param name="first">Row of the logits where they begin.</param>
    /// <param name="masked">Whether only tokens of the rows' masks may be drawn.</param>
    public void Draw(int first, bool masked)
    {
        (int T, int V) = (_count, _model.Config.VocabSize);
        (IBackend backend, BufferHandle buffer) = (_model.Backend, _model.Buffers.Logits);
        bool keeps = _options.TopLogprobs is not null;
        Span<float> rows = _model.RowDraw.Rows(keeps ? T : 1).AsSpan(0, (keeps ? T : 1) * V);
        if (keeps)
        {
            backend.Read(buffer, rows, (long)first * V);
        }

        for (int t = 0; _options.Changes && t < T; t++)
        {
            Span<float> row = keeps ? rows.Slice(t * V, V) : rows;
            if (!keeps)
            {
                backend.Read(buffer, row, (long)(first + t) * V);
            }

            Change(row, _rows.AsSpan(1, t));
            backend.Write<float>(buffer, row, (long)(first + t) * V);
            Restore(row);
        }

        _model.RowDraw.Run(first, T, _choice, masked);
        _given = 0;
        if (keeps)
        {
            backend.Read(_model.Buffers.Drawn, _drawn.AsSpan(0, T), first);
            Weigh(rows, T, V);
        }
    }

    /// <summary>Takes the next token that is given out, in the order of the rows.</summary>
    /// <returns>How likely it was, if that is wanted.</returns>
    public TokenLogprob? Take(int id)
    {
        Count(id);
        TokenLogprob? logprob = _options.TopLogprobs is null ? null : _logprobs[_given];
        _given++;
        return logprob;
    }

    private void Count(int id)
    {
        _counts[id] = _counts.GetValueOrDefault(id) + 1;
        if (_options.RepetitionPenalty != 1)
        {
            _seen.Add(id);
        }
    }

    /// <summary>Log-probabilities of the rows that count: up to the first whose draft is not what was drawn.</summary>
    private void Weigh(ReadOnlySpan<float> rows, int T, int V)
    {
        int n = SpeculativeDecoder.Accepted(_rows.AsSpan(1, T - 1), _drawn.AsSpan(0, T));
        for (int t = 0; t <= n; t++)
        {
            // Where nothing could be drawn the answer ends with an error.
            _logprobs[t] = _drawn[t] < 0 ? null : LogSoftmax.Of(rows.Slice(t * V, V), _drawn[t], _options.TopLogprobs!.Value);
        }
    }

    /// <summary>The steps of <see cref="LogitOptions"/> on one row, with the drafts before it.</summary>
    private void Change(Span<float> row, ReadOnlySpan<int> drafts)
    {
        foreach ((int id, float bias) in _options.Bias)
        {
            Set(row, id, row[id] + bias);
        }

        if (_options.RepetitionPenalty != 1)
        {
            foreach (int id in _seen)
            {
                Set(row, id, Repeated(row[id]));
            }

            for (int i = 0; i < drafts.Length; i++)
            {
                if (!_seen.Contains(drafts[i]) && !drafts[..i].Contains(drafts[i]))
                {
                    Set(row, drafts[i], Repeated(row[drafts[i]]));
                }
            }
        }

        (float frequency, float presence) = (_options.FrequencyPenalty, _options.PresencePenalty);
        if (frequency == 0 && presence == 0)
        {
            return;
        }

        foreach ((int id, int count) in _counts)
        {
            Set(row, id, row[id] - (((count + drafts.Count(id)) * frequency) + presence));
        }

        for (int i = 0; i < drafts.Length; i++)
        {
            if (!_counts.ContainsKey(drafts[i]) && !drafts[..i].Contains(drafts[i]))
            {
                Set(row, drafts[i], row[drafts[i]] - ((drafts.Count(drafts[i]) * frequency) + presence));
            }
        }
    }

    private float Repeated(float logit) => logit > 0 ? logit / _options.RepetitionPenalty : logit * _options.RepetitionPenalty;

    private void Set(Span<float> row, int id, float logit)
    {
        _changed.Add((id, row[id]));
        row[id] = logit;
    }

    /// <summary>Takes changes back, the newest first: log-probabilities are those of the logits as they came.</summary>
    private void Restore(Span<float> row)
    {
        for (int i = _changed.Count - 1; i >= 0; i--)
        {
            row[_changed[i].Id] = _changed[i].Logit;
        }

        _changed.Clear();
    }
}
