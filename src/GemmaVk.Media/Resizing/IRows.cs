using System;

namespace GemmaVk.Media.Resizing;

/// <summary>
/// The two inner loops of a resize, for one width of vectors. Every implementation gives the same bytes: sums are exact in 32
/// bits, result = clamp((2^(bits-1) + sum) >> bits, 0, 255).
/// </summary>
internal interface IRows
{
    /// <summary>Rows that <see cref="Across"/> takes at a time.</summary>
    const int Together = 4;

    /// <summary>Resizes four rows of RGB along their width.</summary>
    /// <param name="source">First row; each row is readable for <see cref="ReadableBytes"/>.</param>
    /// <param name="sourceStride">Bytes from one source row to the next.</param>
    /// <param name="weights">Of the width.</param>
    /// <param name="target">First row; each row has one byte more than its pixels, which may be written.</param>
    /// <param name="targetStride">Bytes from one target row to the next.</param>
    static abstract void Across(ref byte source, int sourceStride, AxisWeights weights, ref byte target, int targetStride);

    /// <summary>One row as a weighted sum of rows.</summary>
    /// <param name="rows">What the offsets count from.</param>
    /// <param name="offsets">First byte of each row; of even length.</param>
    /// <param name="weights">One per offset.</param>
    /// <param name="bits">The weights' binary places.</param>
    /// <param name="target">Sums, rounded and clamped.</param>
    static abstract void Down(ref byte rows, ReadOnlySpan<int> offsets, ReadOnlySpan<short> weights, int bits, Span<byte> target);

    /// <summary>Bytes of a source row that <see cref="Across"/> may read: taps padded to their group, and the rest of a 16-byte vector.</summary>
    static int ReadableBytes(AxisWeights weights)
    {
        int most = weights.From * 3;
        for (int i = 0; i < weights.To; i++)
        {
            int padded = (weights.Counts[i] + AxisWeights.Group - 1) / AxisWeights.Group * AxisWeights.Group;
            most = Math.Max(most, ((weights.First[i] + padded) * 3) + 4);
        }

        return most;
    }
}
