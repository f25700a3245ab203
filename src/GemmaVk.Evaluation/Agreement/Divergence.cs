using System;
using GemmaVk.Evaluation.StoredLogits;

namespace GemmaVk.Evaluation.Agreement;

// Letters: p the stored distribution, q that of the logits at hand, k tokens that are kept of p, t the others.

/// <summary>
/// The Kullback-Leibler divergence D(p || q) = sum_i p_i log(p_i / q_i) in nats: exact for a whole row; otherwise what it lies between, and close to
/// the lower end. Of p the k largest are known, and P_t, the sum of the rest; of q all. The rest adds at least P_t log(P_t / Q_t), by the log-sum
/// inequality, and at most P_t (log p_k - log min q_t), because none of it is larger than the smallest that is kept, nor its q smaller than the
/// smallest. The F32 of what is kept moves a sum by at most 2^-23 of p's entropy.
/// Source: T. Cover, J. Thomas, Elements of Information Theory (2006), theorem 2.7.1.
/// </summary>
/// <param name="Low">At least.</param>
/// <param name="High">At most.</param>
public readonly record struct Divergence(double Low, double High)
{
    /// <summary>Of a stored row and logits.</summary>
    /// <param name="stored">p.</param>
    /// <param name="logits">[V] of q.</param>
    /// <param name="logSum">log(sum(exp(logits))).</param>
    public static Divergence Of(in StoredRow stored, ReadOnlySpan<float> logits, double logSum) =>
        stored.IsFull ? OfWhole(stored.Logprobs.Span, logits, logSum) : OfLikeliest(stored, logits, logSum);

    /// <summary>log(sum(exp(logits))), in F64.</summary>
    public static double LogSum(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        return largest + Math.Log(sum);
    }

    private static Divergence OfWhole(ReadOnlySpan<float> p, ReadOnlySpan<float> q, double logSum)
    {
        double own = LogSum(p), sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double logP = p[i] - own;
            sum += Math.Exp(logP) * (logP - (q[i] - logSum));
        }

        sum = Math.Max(0, sum);
        return new Divergence(sum, sum);
    }

    private static Divergence OfLikeliest(in StoredRow stored, ReadOnlySpan<float> logits, double logSum)
    {
        ReadOnlySpan<int> ids = stored.Ids.Span;
        ReadOnlySpan<float> p = stored.Logprobs.Span;
        double sum = 0;
        bool[] kept = new bool[logits.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            kept[ids[i]] = true;
            sum += Math.Exp(p[i]) * (p[i] - (logits[ids[i]] - logSum));
        }

        double weight = Math.Exp(stored.Tail);
        if (weight == 0 || ids.Length == logits.Length)
        {
            return new Divergence(Math.Max(0, sum), Math.Max(0, sum));
        }

        (double rest, double least) = (0, double.PositiveInfinity);
        for (int i = 0; i < logits.Length; i++)
        {
            if (!kept[i])
            {
                double logQ = logits[i] - logSum;
                rest += Math.Exp(logQ);
                least = Math.Min(least, logQ);
            }
        }

        double low = Math.Max(0, sum + (weight * (stored.Tail - Math.Log(rest))));
        double high = sum + (weight * (Math.Min(p[^1], stored.Tail) - least));
        return new Divergence(low, Math.Max(low, high));
    }
}
