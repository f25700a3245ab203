using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// Any format to Q4. Rule, per group of 32, with m the value of largest magnitude (the positive one of a pair): try the scales
/// <code>
/// -m / 8      the extremum becomes -8: the grid of GGUF Q4_0, which quantisation-aware checkpoints were trained for
/// |m| / 7     both ends of -7 .. 7: reproduces weights that were quantised that way
/// |m| / 7.5   the sixteen levels spread over -|m| .. |m|, the rule of compressed-tensors
/// |m| / 8     favours the extremum if it is negative and the bulk otherwise
/// </code>
/// each rounded to BF16 (nearest even), q = x / s rounded to nearest even and kept within -8 .. 7; the scale with the least sum of squared
/// errors wins, the first of equals. A scale may be negative. A group of zeros has scale zero and nibbles 8.
/// </summary>
internal sealed class Int4Groups(MatrixSource stored) : ConvertedMatrix(stored, DType.Q4)
{
    private readonly DType _storedFormat = stored.Format;

    protected override void Convert(int row, ReadOnlySpan<byte> storedData, ReadOnlySpan<ushort> storedScale, Span<float> values, Span<byte> data, Span<ushort> scale)
    {
        Weights.Repack.Rows.ToSingle(_storedFormat, storedData, storedScale, values.Length, values);
        if (!Quantise(values, data, scale))
        {
            throw Conversion.NotFinite(Name, row);
        }
    }

    /// <summary>Quantises whole groups; false if a value is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Quantise(ReadOnlySpan<float> values, Span<byte> data, Span<ushort> scale)
    {
        int g = 0;
        for (; Vector512.IsHardwareAccelerated && g + 2 <= scale.Length; g += 2)
        {
            if (!Two(values.Slice(g * QuantBlocks.GroupSize, 2 * QuantBlocks.GroupSize), data.Slice(g * 16, 32), scale.Slice(g, 2)))
            {
                return false;
            }
        }

        for (; g < scale.Length; g++)
        {
            if (!One(values.Slice(g * QuantBlocks.GroupSize, QuantBlocks.GroupSize), data.Slice(g * 16, 16), out scale[g]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One group in vectors of eight: each step of the rule, in the order in which errors are summed everywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool One(ReadOnlySpan<float> group, Span<byte> data, out ushort scale)
    {
        Vector256<float> x0 = Vector256.Create(group), x1 = Vector256.Create(group[8..]), x2 = Vector256.Create(group[16..]), x3 = Vector256.Create(group[24..]);
        float absmax = Conversion.AbsMax(x0, x1, x2, x3);
        scale = 0;
        if (!float.IsFinite(absmax))
        {
            return false;
        }

        Vector256<float> top = Vector256.Create(absmax);
        bool positive = Vector256.EqualsAny(x0, top) || Vector256.EqualsAny(x1, top) || Vector256.EqualsAny(x2, top) || Vector256.EqualsAny(x3, top);
        ushort best = Conversion.Scale((positive ? -absmax : absmax) / 8f);
        float least = Error(best, x0, x1, x2, x3);
        (best, least) = Better(Conversion.Scale(absmax / 7f), best, least, x0, x1, x2, x3);
        (best, least) = Better(Conversion.Scale(absmax / 7.5f), best, least, x0, x1, x2, x3);
        (best, _) = Better(Conversion.Scale(absmax / 8f), best, least, x0, x1, x2, x3);
        Pack(best, x0, x1, x2, x3).CopyTo(data);
        scale = best;
        return true;
    }

    /// <summary>
    /// Two groups side by side, the first in the lower halves of vectors of sixteen: every value meets the operations of <see cref="One"/> in
    /// their order, so that the results are the same bits. Lanes of <c>scales</c>: the four tries of either group.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Two(ReadOnlySpan<float> groups, Span<byte> data, Span<ushort> scale)
    {
        Vector256<float> a0 = Vector256.Create(groups), a1 = Vector256.Create(groups[8..]), a2 = Vector256.Create(groups[16..]), a3 = Vector256.Create(groups[24..]);
        Vector256<float> b0 = Vector256.Create(groups[32..]), b1 = Vector256.Create(groups[40..]), b2 = Vector256.Create(groups[48..]), b3 = Vector256.Create(groups[56..]);
        float first = Conversion.AbsMax(a0, a1, a2, a3), second = Conversion.AbsMax(b0, b1, b2, b3);
        if (!float.IsFinite(first) || !float.IsFinite(second))
        {
            return false;
        }

        Vector512<float> x0 = Vector512.Create(a0, b0), x1 = Vector512.Create(a1, b1), x2 = Vector512.Create(a2, b2), x3 = Vector512.Create(a3, b3);
        Vector512<float> top = Vector512.Create(Vector256.Create(first), Vector256.Create(second));
        ulong largest = (Vector512.Equals(x0, top) | Vector512.Equals(x1, top) | Vector512.Equals(x2, top) | Vector512.Equals(x3, top)).ExtractMostSignificantBits();
        Vector256<float> tries = Vector256.Create(
            (largest & 0xFF) != 0 ? -first : first, first, first, first, (largest & 0xFF00) != 0 ? -second : second, second, second, second) / Vector256.Create(8f, 7f, 7.5f, 8f, 8f, 7f, 7.5f, 8f);
        Vector256<float> scales = Conversion.Scales(tries), inverses = Conversion.Inverses(scales);
        (int bestA, int bestB) = (0, 4);
        (float leastA, float leastB) = Errors(scales, inverses, 0, x0, x1, x2, x3);
        for (int i = 1; i < 4; i++)
        {
            (float errorA, float errorB) = Errors(scales, inverses, i, x0, x1, x2, x3);
            (bestA, leastA) = errorA < leastA ? (i, errorA) : (bestA, leastA);
            (bestB, leastB) = errorB < leastB ? (i + 4, errorB) : (bestB, leastB);
        }

        scale[0] = (ushort)(BitConverter.SingleToUInt32Bits(scales[bestA]) >> 16);
        scale[1] = (ushort)(BitConverter.SingleToUInt32Bits(scales[bestB]) >> 16);
        Pack(scale[0], a0, a1, a2, a3).CopyTo(data);
        Pack(scale[1], b0, b1, b2, b3).CopyTo(data[16..]);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float First, float Second) Errors(
        Vector256<float> scales, Vector256<float> inverses, int i, Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3)
    {
        Vector512<float> s = Vector512.Create(Vector256.Create(scales[i]), Vector256.Create(scales[i + 4]));
        Vector512<float> f = Vector512.Create(Vector256.Create(inverses[i]), Vector256.Create(inverses[i + 4]));
        Vector512<float> e0 = x0 - (Step(x0, f) * s), e1 = x1 - (Step(x1, f) * s), e2 = x2 - (Step(x2, f) * s), e3 = x3 - (Step(x3, f) * s);
        Vector512<float> sum = (e0 * e0) + (e1 * e1) + (e2 * e2) + (e3 * e3);
        return (Vector256.Sum(sum.GetLower()), Vector256.Sum(sum.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ushort Best, float Least) Better(ushort bits, ushort best, float least, Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        float error = Error(bits, x0, x1, x2, x3);
        return error < least ? (bits, error) : (best, least);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Error(ushort bits, Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        Vector256<float> s = Vector256.Create(BFloat16.ToSingle(bits)), f = Vector256.Create(Conversion.Inverse(bits));
        Vector256<float> e0 = x0 - (Step(x0, f) * s), e1 = x1 - (Step(x1, f) * s), e2 = x2 - (Step(x2, f) * s), e3 = x3 - (Step(x3, f) * s);
        return Vector256.Sum((e0 * e0) + (e1 * e1) + (e2 * e2) + (e3 * e3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pack(ushort bits, Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        Vector256<float> f = Vector256.Create(Conversion.Inverse(bits)), eight = Vector256.Create(8f);
        Vector256<short> low = Vector256.Narrow(Nibbles(x0), Nibbles(x1)), high = Vector256.Narrow(Nibbles(x2), Nibbles(x3));
        // Bytes of one nibble each, two to a 16-bit lane: fold the upper onto the lower one.
        Vector256<ushort> pairs = Vector256.Narrow(low, high).AsUInt16();
        Vector256<ushort> folded = (pairs | (pairs >> 4)) & Vector256.Create((ushort)0xFF);
        return Vector128.Narrow(folded.GetLower(), folded.GetUpper());

        Vector256<int> Nibbles(Vector256<float> x) => Vector256.ConvertToInt32Native(Step(x, f) + eight);
    }

    // All values are finite here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Step(Vector256<float> x, Vector256<float> f) =>
        Vector256.MaxNative(Vector256.MinNative(Vector256.Round(x * f), Vector256.Create(7f)), Vector256.Create(-8f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Step(Vector512<float> x, Vector512<float> f) =>
        Vector512.MaxNative(Vector512.MinNative(Vector512.Round(x * f), Vector512.Create(7f)), Vector512.Create(-8f));
}
