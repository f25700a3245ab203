using System;
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
    public static bool Quantise(ReadOnlySpan<float> values, Span<byte> data, Span<ushort> scale)
    {
        Vector256<float> limit = Vector256.Create(127f);
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
            Vector256<short> low = Vector256.Narrow(Step(x0), Step(x1)), high = Vector256.Narrow(Step(x2), Step(x3));
            Vector256.Narrow(low, high).AsByte().CopyTo(data.Slice(g * QuantBlocks.GroupSize, QuantBlocks.GroupSize));
            scale[g] = bits;

            Vector256<int> Step(Vector256<float> x) => Vector256.ConvertToInt32(Vector256.Max(Vector256.Min(Vector256.Round(x * f), limit), -limit));
        }

        return true;
    }
}
