using System.Collections.Generic;
using GemmaVk.Evaluation.Statistics;
using GemmaVk.Evaluation.StoredLogits;

namespace GemmaVk.Evaluation.Agreement;

/// <summary>How a run agrees with the stored logits of another.</summary>
/// <param name="File">Where they are.</param>
/// <param name="Header">What they are of.</param>
/// <param name="Tokens">Tokens that were compared.</param>
/// <param name="Divergence">Mean divergence D(stored || this) in nats, its lower bound where only the likeliest tokens are stored.</param>
/// <param name="DivergenceAtMost">The mean of the upper bounds; the same for whole rows.</param>
/// <param name="Median">Median of the divergences.</param>
/// <param name="Percentile99">Their 99th percentile.</param>
/// <param name="Largest">The largest.</param>
/// <param name="TopOne">Share of places where both have the same likeliest token.</param>
/// <param name="TopFive">Mean share of the five likeliest tokens that both have.</param>
/// <param name="PerplexityRatio">Perplexity of this run over that of the other, from the differences token by token.</param>
/// <param name="ProbabilityError">Root mean square of the difference in the probability of the text's token.</param>
/// <param name="Histogram">How many divergences lie in each half decade, from 10^<see cref="FirstDecade"/> on.</param>
/// <param name="ByPlace">The agreement of the likeliest token by place in the window.</param>
public sealed record AgreementResult(
    string File,
    LogitsHeader Header,
    int Tokens,
    Interval Divergence,
    double DivergenceAtMost,
    double Median,
    double Percentile99,
    double Largest,
    Interval TopOne,
    Interval TopFive,
    Interval PerplexityRatio,
    double ProbabilityError,
    IReadOnlyList<int> Histogram,
    IReadOnlyList<PlaceAgreement> ByPlace)
{
    /// <summary>Exponent of the histogram's lower end.</summary>
    public const int FirstDecade = -9;

    /// <summary>Bins of a decade.</summary>
    public const int BinsPerDecade = 2;

    /// <summary>Bins in all.</summary>
    public const int Bins = 21;
}

/// <summary>Agreement within a stretch of the window.</summary>
/// <param name="From">Its first place.</param>
/// <param name="Tokens">Tokens in it.</param>
/// <param name="Share">Share that agrees.</param>
public readonly record struct PlaceAgreement(int From, int Tokens, Interval Share);
