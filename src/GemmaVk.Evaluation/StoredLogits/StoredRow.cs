using System;

namespace GemmaVk.Evaluation.StoredLogits;

// Letters: V vocabulary, k likeliest tokens that are kept.

/// <summary>What is kept of a row of logits: all of them, or the likeliest tokens and the weight of the rest.</summary>
/// <param name="Id">The token that came.</param>
/// <param name="Logprob">How likely it was.</param>
/// <param name="Ids">The k likeliest tokens, the likeliest first, of equals the lower id; empty for a whole row.</param>
/// <param name="Logprobs">[k] their log-probabilities in F32: each within 2^-24 of its size. For a whole row [V]: logits.</param>
/// <param name="Tail">Logarithm of the probability of all other tokens together; minus infinity for none.</param>
public readonly record struct StoredRow(int Id, float Logprob, ReadOnlyMemory<int> Ids, ReadOnlyMemory<float> Logprobs, float Tail)
{
    /// <summary>Whether all logits are there.</summary>
    public bool IsFull => Ids.IsEmpty;

    /// <summary>The k likeliest tokens of a row of logits, the likeliest first; of equals the lower id comes first.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="ids">[k], filled.</param>
    internal static void Likeliest(ReadOnlySpan<float> logits, Span<int> ids)
    {
        int count = 0;
        float least = float.NegativeInfinity;
        for (int id = 0; id < logits.Length; id++)
        {
            float value = logits[id];
            if (count == ids.Length && !(value > least))
            {
                continue;
            }

            // Behind all that are as large: binary search in a descending list.
            (int low, int high) = (0, count);
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = logits[ids[middle]] >= value ? (middle + 1, high) : (low, middle);
            }

            count = Math.Min(count + 1, ids.Length);
            ids[low..(count - 1)].CopyTo(ids[(low + 1)..]);
            ids[low] = id;
            least = logits[ids[count - 1]];
        }
    }

    /// <summary>Logarithm of the probability of all tokens but some, summed itself: one minus the others would lose it where it is small.</summary>
    internal static double TailOf(ReadOnlySpan<float> logits, ReadOnlySpan<int> others, double logSum)
    {
        Span<bool> kept = new bool[logits.Length];
        foreach (int id in others)
        {
            kept[id] = true;
        }

        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            sum += kept[i] ? 0 : Math.Exp(logits[i] - logSum);
        }

        return Math.Log(sum);
    }
}
