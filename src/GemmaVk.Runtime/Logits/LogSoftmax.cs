using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GemmaVk.Runtime.Logits;

// Letters: V vocabulary, l a row of V logits.

/// <summary>Log-probabilities of one row of logits, on the host: sums in F64, so that 262,144 terms cost no digits.</summary>
internal static class LogSoftmax
{
    /// <summary>What is known of a token at the place whose logits these are.</summary>
    /// <param name="l">The row.</param>
    /// <param name="id">The token.</param>
    /// <param name="top">How many of the likeliest tokens come with it; no more than V do.</param>
    /// <returns>Null where a logit is NaN or +infinity, so that nothing is likely.</returns>
    public static TokenLogprob? Of(ReadOnlySpan<float> l, int id, int top)
    {
        double sum = LogSumExp(l);
        if (!double.IsFinite(sum))
        {
            return null;
        }

        TopLogprob[] likeliest = new TopLogprob[Math.Min(top, l.Length)];
        Largest(l, likeliest);
        for (int i = 0; i < likeliest.Length; i++)
        {
            likeliest[i] = likeliest[i] with { Logprob = likeliest[i].Logprob - sum };
        }

        return new TokenLogprob(id, l[id] - sum, Rank(l, id), likeliest);
    }

    /// <summary>log(sum_i e^l[i]): NaN or infinite where a logit is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogSumExp(ReadOnlySpan<float> l)
    {
        float largest = float.NegativeInfinity;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(l);
        ReadOnlySpan<float> rest = l[(vectors.Length * Vector<float>.Count)..];
        Vector<float> most = new(float.NegativeInfinity);
        foreach (Vector<float> values in vectors)
        {
            // Unlike MaxNative this keeps a NaN.
            most = Vector.Max(most, values);
        }

        for (int i = 0; i < Vector<float>.Count; i++)
        {
            largest = MathF.Max(largest, most[i]);
        }

        foreach (float value in rest)
        {
            largest = MathF.Max(largest, value);
        }

        if (!float.IsFinite(largest))
        {
            return largest;
        }

        Vector<double> shift = new(largest), sums = Vector<double>.Zero;
        foreach (Vector<float> values in vectors)
        {
            Vector.Widen(values, out Vector<double> low, out Vector<double> high);
            sums += Vector.Exp(low - shift) + Vector.Exp(high - shift);
        }

        double sum = Vector.Sum(sums);
        foreach (float value in rest)
        {
            sum += Math.Exp((double)value - largest);
        }

        return largest + Math.Log(sum);
    }

    /// <summary>How many logits are larger than that of <paramref name="id"/>, or as large with a lower id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Rank(ReadOnlySpan<float> l, int id)
    {
        float own = l[id];
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(l);
        Vector<float> wanted = new(own);
        Vector<int> larger = Vector<int>.Zero;
        foreach (Vector<float> values in vectors)
        {
            // True is -1 in each lane.
            larger -= Vector.GreaterThan(values, wanted);
        }

        int rank = Vector.Sum(larger);
        foreach (float value in l[(vectors.Length * Vector<float>.Count)..])
        {
            rank += value > own ? 1 : 0;
        }

        return rank + l[..id].Count(own);
    }

    /// <summary>The largest logits with their ids, the largest first; of equals the lower id comes first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest(ReadOnlySpan<float> l, Span<TopLogprob> best)
    {
        if (best.Length == 0)
        {
            return;
        }

        best.Fill(new TopLogprob(-1, double.NegativeInfinity));
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(l);
        float least = float.NegativeInfinity;
        for (int at = 0; at < vectors.Length; at++)
        {
            if (best[^1].Id < 0 || Vector.GreaterThanAny(vectors[at], new Vector<float>(least)))
            {
                int first = at * Vector<float>.Count;
                least = Insert(l, first, first + Vector<float>.Count, best);
            }
        }

        _ = Insert(l, vectors.Length * Vector<float>.Count, l.Length, best);
    }

    private static float Insert(ReadOnlySpan<float> l, int first, int end, Span<TopLogprob> best)
    {
        for (int i = first; i < end; i++)
        {
            int place = best.Length;
            while (place > 0 && (best[place - 1].Id < 0 || l[i] > best[place - 1].Logprob))
            {
                place--;
            }

            if (place < best.Length)
            {
                best[place..^1].CopyTo(best[(place + 1)..]);
                best[place] = new TopLogprob(i, l[i]);
            }
        }

        return (float)best[^1].Logprob;
    }
}
