using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>Which rule turns a stored format into a wanted one, and the arithmetic that the group rules share.</summary>
internal static class Conversion
{
    // Below the smallest normal float the inverse of a scale overflows; such a group is zero for every purpose.
    private const float SmallestScale = 1.1754944e-38f;

    /// <summary>The rows of <paramref name="stored"/> in <paramref name="target"/>.</summary>
    public static MatrixSource To(MatrixSource stored, DType target) => target switch
    {
        _ when target == stored.Format => stored,
        DType.F32 => new WidenedMatrix(stored),
        DType.BF16 => new RoundedMatrix(stored),
        DType.Q8 when stored.Format == DType.Q4 => new Int4AsInt8Matrix(stored, DType.Q8),
        DType.Q8F16 when stored.Format == DType.Q4F16 => new Int4AsInt8Matrix(stored, DType.Q8F16),
        DType.Q8 => new Int8Groups(stored),
        DType.Q4 => new Int4Groups(stored),
        _ => throw new ArgumentOutOfRangeException(nameof(target), target, "weights are converted to F32, BF16, Q8 or Q4"),
    };

    /// <summary>A BF16 scale; zero where it would be too small to divide by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Scale(float value) => MathF.Abs(value) < SmallestScale ? (ushort)0 : BFloat16.FromSingle(value);

    /// <summary>1 / scale, or zero for the scale zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Inverse(ushort bits) => bits == 0 ? 0f : 1f / BFloat16.ToSingle(bits);

    /// <summary>Eight values as <see cref="Scale"/> rounds them, widened again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales(Vector256<float> values)
    {
        // To nearest even, as BFloat16 rounds what is finite.
        Vector256<uint> bits = values.AsUInt32();
        bits = (bits + Vector256.Create(0x7FFFu) + (Vector256.ShiftRightLogical(bits, 16) & Vector256<uint>.One)) & Vector256.Create(0xFFFF0000u);
        return Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(values), Vector256.Create(SmallestScale)), Vector256<float>.Zero, bits.AsSingle());
    }

    /// <summary>Eight times <see cref="Inverse"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Inverses(Vector256<float> scales) =>
        Vector256.ConditionalSelect(Vector256.Equals(scales, Vector256<float>.Zero), Vector256<float>.Zero, Vector256<float>.One / scales);

    /// <summary>Largest magnitude of 32 values; not finite if one of them is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float AbsMax(Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        // Without their sign bit floats order like integers, and a NaN is larger than every number.
        Vector256<int> mask = Vector256.Create(0x7FFFFFFF);
        Vector256<int> most = Vector256.Max(
            Vector256.Max(x0.AsInt32() & mask, x1.AsInt32() & mask), Vector256.Max(x2.AsInt32() & mask, x3.AsInt32() & mask));
        Vector128<int> half = Vector128.Max(most.GetLower(), most.GetUpper());
        half = Vector128.Max(half, Vector128.Shuffle(half, Vector128.Create(2, 3, 0, 1)));
        half = Vector128.Max(half, Vector128.Shuffle(half, Vector128.Create(1, 0, 3, 2)));
        return BitConverter.Int32BitsToSingle(half.ToScalar());
    }

    /// <summary>The error for weights that cannot be quantised.</summary>
    public static GemmaVkException NotFinite(string name, int row) => new(
        $"tensor {name} must hold finite numbers, but row {row} has an infinity or a NaN; the file is damaged, download it again.");
}
