using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// Any format to Q8. Rule, per group of 32: scale s = absmax / 127 rounded to BF16 (nearest even); q = x / s rounded to nearest even
/// and kept within -127 .. 127. A group of zeros has scale zero. The error is at most half a step of s, plus 1/512 of absmax where the
/// scale was rounded down.
/// </summary>
internal sealed class Int8Groups(MatrixSource stored) : ConvertedMatrix(stored, DType.Q8)
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

            ushort bits = Conversion.Scale(absmax / 127f);
            float inverse = Conversion.Inverse(bits);
            Vector256<float> f = Vector256.Create(inverse);
            // The scale may have been rounded down: 128 becomes 127 by saturation, and -128 is cut.
            Vector256<short> low = Vector256.NarrowWithSaturation(Step(x0, f), Step(x1, f)), high = Vector256.NarrowWithSaturation(Step(x2, f), Step(x3, f));
            Vector256.Max(Vector256.NarrowWithSaturation(low, high), Vector256.Create((sbyte)-127)).AsByte().CopyTo(data.Slice(g * QuantBlocks.GroupSize, QuantBlocks.GroupSize));
            scale[g] = bits;
        }

        return true;
    }

    // The product is 128 at most, so no value is beyond an int.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Step(Vector256<float> x, Vector256<float> f) => Vector256.ConvertToInt32Native(Vector256.Round(x * f));
}
