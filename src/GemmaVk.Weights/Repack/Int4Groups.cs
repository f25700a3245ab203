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
        for (int g = 0; g < scale.Length; g++)
        {
            ReadOnlySpan<float> group = values.Slice(g * QuantBlocks.GroupSize, QuantBlocks.GroupSize);
            Vector256<float> x0 = Vector256.Create(group), x1 = Vector256.Create(group[8..]), x2 = Vector256.Create(group[16..]), x3 = Vector256.Create(group[24..]);
            float absmax = Conversion.AbsMax(x0, x1, x2, x3);
            if (!float.IsFinite(absmax))
            {
                return false;
            }

            Vector256<float> top = Vector256.Create(absmax);
            bool positive = Vector256.EqualsAny(x0, top) || Vector256.EqualsAny(x1, top) || Vector256.EqualsAny(x2, top) || Vector256.EqualsAny(x3, top);
            ushort best = Conversion.Scale((positive ? -absmax : absmax) / 8f);
            float bestError = Error(best, x0, x1, x2, x3);
            Try(absmax / 7f);
            Try(absmax / 7.5f);
            Try(absmax / 8f);
            Pack(best, x0, x1, x2, x3).CopyTo(data.Slice(g * 16, 16));
            scale[g] = best;

            void Try(float candidate)
            {
                ushort bits = Conversion.Scale(candidate);
                float error = Error(bits, x0, x1, x2, x3);
                (best, bestError) = error < bestError ? (bits, error) : (best, bestError);
            }
        }

        return true;
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
