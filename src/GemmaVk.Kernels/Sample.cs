using System;
using System.Linq;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Step 9 of the token path; from ForwardPass, to the token id that Session reads.
// Letters: T rows in this pass, V vocabulary.

/// <summary>
/// Chooses one token per row of logits, so that ids and not logits leave the device.
/// <code>
/// 1 l = logits[t, :];  l[i] = -inf for i in suppress, and for every i whose bit in allowed[t, :] is 0
///   where an l[i] is NaN or +inf, or all are -inf, nothing can be drawn: id = -1, and the steps below are left out
/// 2 temperature 0: the lowest id with the largest l. Otherwise:
/// 3 l = l / temperature
/// 4 top-k (0 = off): keep every i with l[i] >= the k-th largest; ties with it stay
/// 5 top-p (1 = off): p = softmax(l); walking up from the smallest p, drop while the running sum is &lt;= 1 - topP; the
///   largest always stays. Equal values that straddle the cut: those with lower ids stay
/// 6 min-p (0 = off): p = softmax of what is left; drop p[i] &lt; minP * max p
/// 7 p = softmax of what is left;  u = uniform(seed, positions[t] + 1)
/// 8 id = first i, in id order, whose running sum of p exceeds u (the last kept one if rounding leaves none)
/// logits [T, V] F32    suppress [S] I32    allowed [T, ceil(V / 32)] I32, or none    positions [T] I32    ids [T] I32
///   bit i mod 32 of allowed[t, i / 32] is 1 where id i may be drawn; without the buffer every id may
/// </code>
/// The uniform number depends on the seed and on the position of the token to come, on nothing else: the same seed
/// gives the same text however the positions were grouped into passes. Precision: sums of probabilities in F32 or
/// better, and the same on every run of one device. Logits may be overwritten.
/// Called by: ForwardPass, at the end of every decoding pass, and DrafterForward.
/// </summary>
[Kernel("suppress, mask, temperature, top-k, top-p, min-p, draw", "transformers generation/logits_process.py, TemperatureLogitsWarper to MinPLogitsWarper; arXiv:1904.09751")]
public static class Sample
{
    /// <summary>
    /// Arguments; shapes are in the kernel's summary. <paramref name="SuppressCount"/> is S, <paramref name="First"/> the row of logits,
    /// positions, ids and <paramref name="Allowed"/> where the T rows begin: a pass may hold rows that are drawn in different ways. Ids go
    /// <paramref name="Ahead"/> rows further on, so that drafts drawn one after the other are read at once.
    /// </summary>
    public readonly record struct Args(
        BufferHandle Logits, BufferHandle Suppress, int SuppressCount, BufferHandle Positions, BufferHandle Ids, int T, int V, Choice Choice,
        int First = 0, BufferHandle? Allowed = null, int Ahead = 0);

    /// <summary>Words of a row of bits.</summary>
    public static int Words(int V) => (V + 31) / 32;

    /// <summary>Whether an id may be drawn; without a row every one may.</summary>
    public static bool IsAllowed(ReadOnlySpan<int> allowed, int id) => allowed.IsEmpty || (allowed[id >> 5] >> id & 1) != 0;

    /// <summary>How a token is chosen. The default is greedy.</summary>
    /// <param name="Temperature">0 for greedy.</param>
    /// <param name="TopK">0 for off.</param>
    /// <param name="TopP">1 for off.</param>
    /// <param name="MinP">0 for off.</param>
    /// <param name="Seed">Key of the generator.</param>
    public readonly record struct Choice(float Temperature = 0, int TopK = 0, float TopP = 1, float MinP = 0, ulong Seed = 0);

    /// <summary>Cost of T rows of logits: each read once and compared.</summary>
    public static KernelCost Cost(int T, int V) =>
        new((double)T * ((V * (double)sizeof(float)) + (2 * sizeof(int))), (double)T * V);

    /// <summary>
    /// Uniform number in [0, 1) with 24 bits: first word of Philox4x32-10 (Salmon et al., SC11) with the seed as key and
    /// the position as counter. Integer arithmetic only, so every device agrees.
    /// </summary>
    public static float Uniform(ulong seed, int position)
    {
        uint c0 = (uint)position, c1 = 0, c2 = 0, c3 = 0;
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)c0 * 0xD2511F53u;
            ulong p1 = (ulong)c2 * 0xCD9E8D57u;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }

        return (int)(c0 >> 8) * (1f / 16777216f);
    }

    /// <summary>Steps 1 to 7 without the draw: the distribution of one row, in F64. Temperature 0 puts all weight on the greedy id.</summary>
    public static double[] Probabilities(ReadOnlySpan<float> logits, ReadOnlySpan<int> suppress, in Choice choice, ReadOnlySpan<int> allowed = default)
    {
        double[] l = new double[logits.Length];
        for (int i = 0; i < l.Length; i++)
        {
            l[i] = IsAllowed(allowed, i) ? logits[i] : double.NegativeInfinity;
        }

        foreach (int id in suppress)
        {
            l[id] = double.NegativeInfinity;
        }

        if (choice.Temperature == 0)
        {
            double[] one = new double[l.Length];
            one[Array.IndexOf(l, l.Max())] = 1;
            return one;
        }

        for (int i = 0; i < l.Length; i++)
        {
            // The published warper divides in F32.
            l[i] = (float)l[i] / choice.Temperature;
        }

        if (choice.TopK > 0 && choice.TopK < l.Length)
        {
            double kth = l.OrderDescending().ElementAt(choice.TopK - 1);
            Keep(l, i => l[i] >= kth);
        }

        if (choice.TopP < 1)
        {
            double[] p = Softmax(l);
            // Ascending by probability, and among equals the higher id goes first.
            int[] order = [.. Enumerable.Range(0, l.Length).OrderBy(i => p[i]).ThenByDescending(i => i)];
            double running = 0;
            for (int at = 0; at < order.Length - 1; at++)
            {
                running += p[order[at]];
                if (running > 1 - (double)choice.TopP)
                {
                    break;
                }

                l[order[at]] = double.NegativeInfinity;
            }
        }

        if (choice.MinP > 0)
        {
            double[] p = Softmax(l);
            double least = p.Max() * choice.MinP;
            Keep(l, i => p[i] >= least);
        }

        return Softmax(l);
    }

    /// <summary>The oracle for one row.</summary>
    /// <returns>The id, or -1 where nothing can be drawn.</returns>
    public static int Reference(ReadOnlySpan<float> logits, ReadOnlySpan<int> suppress, in Choice choice, int position, ReadOnlySpan<int> allowed = default)
    {
        bool any = false;
        for (int i = 0; i < logits.Length; i++)
        {
            bool open = IsAllowed(allowed, i) && !suppress.Contains(i);
            if (open && (float.IsNaN(logits[i]) || float.IsPositiveInfinity(logits[i])))
            {
                return -1;
            }

            any |= open && !float.IsNegativeInfinity(logits[i]);
        }

        if (!any)
        {
            return -1;
        }

        double[] p = Probabilities(logits, suppress, choice, allowed);
        float u = Uniform(choice.Seed, position + 1);
        double running = 0;
        int last = 0;
        for (int i = 0; i < p.Length; i++)
        {
            running += p[i];
            last = p[i] > 0 ? i : last;
            if (running > u)
            {
                return i;
            }
        }

        return last;
    }

    private static void Keep(double[] l, Func<int, bool> keep)
    {
        for (int i = 0; i < l.Length; i++)
        {
            l[i] = keep(i) ? l[i] : double.NegativeInfinity;
        }
    }

    private static double[] Softmax(double[] l)
    {
        double max = l.Max();
        double[] p = [.. l.Select(value => double.IsNegativeInfinity(value) ? 0 : Math.Exp(value - max))];
        double total = p.Sum();
        return [.. p.Select(value => value / total)];
    }
}
