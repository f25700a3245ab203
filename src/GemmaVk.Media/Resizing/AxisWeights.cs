using System;

namespace GemmaVk.Media.Resizing;

/// <summary>
/// The integer weights of one axis of an antialiased bicubic resize (a = -0.5), n_in to n_out, as torchvision's native 8-bit path has them:
/// <code>
/// scale = n_in / n_out      support = 2 max(scale, 1)      c = scale (i + 0.5)
/// lo    = max(trunc(c - support + 0.5), 0)      count = min(trunc(c + support + 0.5), n_in) - lo
/// w_j   = cubic((j + lo - c + 0.5) / max(scale, 1)) / sum of the same over j     in float64
/// bits  = the most, up to 22, for which the largest weight of the axis still fits 16 bits
/// W_j   = w_j 2^bits, rounded half away from zero
/// </code>
/// Taps are padded with zero weights to a multiple of <see cref="Group"/>, so that the vector code needs no tail.
/// </summary>
internal sealed class AxisWeights
{
    /// <summary>Taps that the vector code takes at a time.</summary>
    public const int Group = 4;

    private const int MostBits = 22;

    private readonly int[] _first;
    private readonly int[] _counts;
    private readonly short[] _weights;

    /// <param name="from">Extent of the source, at least 1.</param>
    /// <param name="to">Extent of the target, at least 1.</param>
    public AxisWeights(int from, int to)
    {
        From = from;
        To = to;
        double scale = (double)from / to;
        double support = 2 * Math.Max(scale, 1);
        double inverse = 1 / Math.Max(scale, 1);
        int most = (2 * (int)Math.Ceiling(support)) + 1;
        Stride = (most + Group - 1) / Group * Group;
        _first = new int[to];
        _counts = new int[to];
        _weights = new short[checked(to * Stride)];

        // Twice through the same arithmetic: the precision depends on the largest weight of all outputs.
        double[] taps = new double[most];
        double largest = 0;
        for (int i = 0; i < to; i++)
        {
            foreach (double weight in Taps(i, scale, support, inverse, taps))
            {
                largest = Math.Max(largest, weight);
            }
        }

        while (Bits < MostBits && (int)(0.5 + (largest * (1 << (Bits + 1)))) < 32768)
        {
            Bits++;
        }

        for (int i = 0; i < to; i++)
        {
            Span<double> weights = Taps(i, scale, support, inverse, taps);
            for (int j = 0; j < weights.Length; j++)
            {
                double scaled = weights[j] * (1 << Bits);
                _weights[(i * Stride) + j] = (short)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
            }

            Longest = Math.Max(Longest, weights.Length);
        }
    }

    public int From { get; }

    public int To { get; }

    /// <summary>The weights' binary places.</summary>
    public int Bits { get; }

    /// <summary>Taps of the output that has the most.</summary>
    public int Longest { get; }

    /// <summary>Weights from one output's first to the next one's, padding included.</summary>
    public int Stride { get; }

    /// <summary>[To, Stride].</summary>
    public ReadOnlySpan<short> All => _weights;

    /// <summary>First source index of each output, [To].</summary>
    public ReadOnlySpan<int> First => _first;

    /// <summary>Taps of each output, [To].</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Weights of output <paramref name="i"/>, [Counts[i]].</summary>
    public ReadOnlySpan<short> Of(int i) => _weights.AsSpan(i * Stride, _counts[i]);

    private Span<double> Taps(int i, double scale, double support, double inverse, double[] taps)
    {
        double center = scale * (i + 0.5);
        int first = Math.Max((int)(center - support + 0.5), 0);
        int count = Math.Min(Math.Min((int)(center + support + 0.5), From) - first, taps.Length);
        _first[i] = first;
        _counts[i] = count;
        double sum = 0;
        for (int j = 0; j < count; j++)
        {
            taps[j] = Cubic((j + first - center + 0.5) * inverse);
            sum += taps[j];
        }

        for (int j = 0; j < count; j++)
        {
            taps[j] /= sum;
        }

        return taps.AsSpan(0, count);
    }

    private static double Cubic(double x)
    {
        const double A = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }
}
