using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.Statistics;
using GemmaVk.Evaluation.StoredLogits;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Agreement;

/// <summary>Holds a run against the stored logits of another, token by token.</summary>
public sealed class AgreementTally : ILogitsListener
{
    private const int Five = 5;
    private const int Stretches = 16;
    private readonly LogitsFile _file;
    private readonly WindowPlan _plan;
    private readonly List<double> _low = [];
    private readonly List<double> _high = [];
    private readonly List<double> _differences = [];
    private readonly List<double> _five = [];
    private readonly List<double> _probabilities = [];
    private readonly (int Hits, int Of)[] _stretches = new (int, int)[Stretches];
    private readonly int[] _ids;
    private int _first;

    /// <summary>Holds a file against what is to be run.</summary>
    /// <param name="file">The other run; stays the caller's.</param>
    /// <param name="text">The text.</param>
    /// <param name="plan">Its windows.</param>
    /// <param name="vocabulary">V of the model at hand.</param>
    /// <exception cref="GemmaVkException">The file is of another tokenizer, another text, or other windows.</exception>
    public AgreementTally(LogitsFile file, EvaluatedText text, WindowPlan plan, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(plan);
        LogitsHeader header = file.Header;
        if (header.TokenizerHash != text.TokenizerHash || header.Vocabulary != vocabulary)
        {
            throw new GemmaVkException(
                $"--against {file.Name}: expected the tokenizer of this model ({vocabulary} tokens, {Short(text.TokenizerHash)}), but the logits of {header.Model} have another ({header.Vocabulary} tokens, {Short(header.TokenizerHash)}): their tokens do not mean the same; compare models that share a tokenizer, or their bits_per_byte.");
        }

        if (header.TextHash != text.TextHash)
        {
            throw new GemmaVkException($"--against {file.Name}: expected logits of this text ({Short(text.TextHash)}), but they are of another ({Short(header.TextHash)}); give the text that they were saved with, and --specials where it was given then.");
        }

        if ((header.Kind, header.Context, header.Stride, header.Tokens) != (plan.Kind, plan.Context, plan.Stride, plan.Tokens))
        {
            throw new GemmaVkException(
                $"--against {file.Name}: expected --windows {LogitsHeader.Word(plan.Kind)} --context {plan.Context} --stride {plan.Stride}, but the logits were saved with --windows {LogitsHeader.Word(header.Kind)} --context {header.Context} --stride {header.Stride}; give the same, or leave them out to take the file's.");
        }

        (_file, _plan) = (file, plan);
        _ids = new int[Math.Min(Five, vocabulary)];
    }

    /// <inheritdoc/>
    public void Take(in ScoredToken token, ReadOnlySpan<float> logits, double logSum)
    {
        StoredRow stored = _file.Next();
        if (stored.Id != token.Id)
        {
            throw new GemmaVkException($"--against {_file.Name}: expected token {token.Id} in record {token.Index + 1}, but {stored.Id} stands there; save the logits anew.");
        }

        Divergence divergence = Divergence.Of(stored, logits, logSum);
        _low.Add(divergence.Low);
        _high.Add(divergence.High);
        double logprob = stored.IsFull ? stored.Logprobs.Span[token.Id] - Divergence.LogSum(stored.Logprobs.Span) : stored.Logprob;
        // Of a negative log-likelihood, so that more is worse as in perplexity.
        _differences.Add(logprob - token.Logprob);
        _probabilities.Add(Math.Exp(token.Logprob) - Math.Exp(logprob));
        StoredRow.Likeliest(logits, _ids);
        int[] others = new int[stored.IsFull ? _ids.Length : Math.Min(_ids.Length, stored.Ids.Length)];
        if (stored.IsFull)
        {
            StoredRow.Likeliest(stored.Logprobs.Span, others);
        }
        else
        {
            stored.Ids.Span[..others.Length].CopyTo(others);
        }

        bool same = others[0] == _ids[0];
        _first += same ? 1 : 0;
        _five.Add(others.Count(id => _ids.AsSpan(0, others.Length).Contains(id)) / (double)others.Length);
        ref (int Hits, int Of) stretch = ref _stretches[Math.Min(Stretches - 1, (int)((long)token.Place * Stretches / _plan.Context))];
        stretch = (stretch.Hits + (same ? 1 : 0), stretch.Of + 1);
    }

    /// <summary>What came of it, once all tokens were taken.</summary>
    public AgreementResult Result()
    {
        double[] sorted = [.. _low.Order()];
        Interval nll = Interval.OfMean([.. _differences]);
        return new AgreementResult(
            _file.Name,
            _file.Header,
            sorted.Length,
            Interval.OfMean([.. _low]),
            _high.Average(),
            Bootstrap.Quantile(sorted, 0.5),
            Bootstrap.Quantile(sorted, 0.99),
            sorted[^1],
            Interval.OfShare(_first, sorted.Length),
            Interval.OfMean([.. _five]),
            nll.Through(Math.Exp),
            Math.Sqrt(_probabilities.Average(each => each * each)),
            Histogram(sorted),
            [.. _stretches.Select((each, i) => (Stretch: each, Start: (long)i * _plan.Context / Stretches))
                .Where(each => each.Stretch.Of > 0)
                .Select(each => new PlaceAgreement((int)each.Start, each.Stretch.Of, Interval.OfShare(each.Stretch.Hits, each.Stretch.Of)))]);
    }

    /// <summary>How many divergences lie in each half decade from 10^-9 to 10^1.5; smaller and larger ones are in the first and the last.</summary>
    private static int[] Histogram(double[] values)
    {
        int[] bins = new int[AgreementResult.Bins];
        foreach (double value in values)
        {
            double at = value <= 0 ? 0 : (Math.Log10(value) - AgreementResult.FirstDecade) * AgreementResult.BinsPerDecade;
            bins[(int)Math.Clamp(at, 0, bins.Length - 1)]++;
        }

        return bins;
    }

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;
}
