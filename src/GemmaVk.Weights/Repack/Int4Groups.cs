using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    private const int GroupSize = QuantBlocks.GroupSize;

    private readonly DType _storedFormat = stored.Format;

    protected override void Convert(int row, ReadOnlySpan<byte> storedData, ReadOnlySpan<ushort> storedScale, Span<float> values, Span<byte> data, Span<ushort> scale)
    {
        bool finite;
        if (Int4Pair.IsSupported && _storedFormat == DType.BF16)
        {
            finite = Quantise(MemoryMarshal.Cast<byte, ushort>(storedData), data, scale);
        }
        else
        {
            Weights.Repack.Rows.ToSingle(_storedFormat, storedData, storedScale, values.Length, values);
            finite = Quantise(values, data, scale);
        }

        if (!finite)
        {
            throw Conversion.NotFinite(Name, row);
        }
    }

    /// <summary>Quantises whole groups; false if a value is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Quantise(ReadOnlySpan<float> values, Span<byte> data, Span<ushort> scale)
    {
        int g = 0;
        for (; Int4Pair.IsSupported && g + 2 <= scale.Length; g += 2)
        {
            if (!Int4Pair.Quantise(values.Slice(g * GroupSize, 2 * GroupSize), data.Slice(g * 16, 32), scale.Slice(g, 2)))
            {
                return false;
            }
        }

        for (; g < scale.Length; g++)
        {
            if (!One(values.Slice(g * GroupSize, GroupSize), data.Slice(g * 16, 16), out scale[g]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same of BF16, which is widened in registers, where <see cref="Int4Pair.IsSupported"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool Quantise(ReadOnlySpan<ushort> bits, Span<byte> data, Span<ushort> scale)
    {
        int g = 0;
        for (; g + 2 <= scale.Length; g += 2)
        {
            if (!Int4Pair.Quantise(bits.Slice(g * GroupSize, 2 * GroupSize), data.Slice(g * 16, 32), scale.Slice(g, 2)))
            {
                return false;
            }
        }

        if (g == scale.Length)
        {
            return true;
        }

        Span<float> last = stackalloc float[GroupSize];
        Weights.Repack.Rows.ToSingle(DType.BF16, MemoryMarshal.AsBytes(bits[(g * GroupSize)..]), [], GroupSize, last);
        return One(last, data[(g * 16)..], out scale[g]);
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
}
