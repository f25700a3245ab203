using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>
/// Functions that several kernels need and that ILGPU has not, or not alike on every device: products and sums of floats alone.
/// </summary>
internal static class Numbers
{
    // Adding and subtracting it rounds a float below 2^22 to a whole number, ties to even.
    private const float ToWhole = 12582912f;

    /// <summary>The nearest whole number within -127 .. 127, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static sbyte Step(float x) => (sbyte)(int)(MathF.Max(-127f, MathF.Min(127f, x)) + ToWhole - ToWhole);

    /// <summary>
    /// e^x to about two units in the last place; 0 below -87.3, and what 88 gives above it. Range reduction by ln 2 in two
    /// parts, then the series to the sixth power on [-0.35, 0.35].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x)
    {
        float bounded = MathF.Max(-87.33f, MathF.Min(88.02f, x));
        float n = (bounded * 1.44269504f) + ToWhole - ToWhole;
        float r = bounded - (n * 0.693359375f) + (n * 2.12194440e-4f);
        float p = (((((((((((r * (1f / 720)) + (1f / 120)) * r) + (1f / 24)) * r) + (1f / 6)) * r) + 0.5f) * r) + 1) * r) + 1;
        return x < -87.33f ? 0 : p * BitConverter.Int32BitsToSingle(((int)n + 127) << 23);
    }

    /// <summary>tanh: an odd polynomial near zero, where 1 - 2 / (e^2x + 1) would cancel; that formula elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x)
    {
        if (MathF.Abs(x) >= 0.625f)
        {
            return 1 - (2 / (Exp(x + x) + 1));
        }

        // Coefficients of x^3 .. x^11, fitted for the least relative error (4e-9 before rounding) on [0, 0.625].
        float square = x * x;
        float p = (((((((-5.705871072761975e-3f * square) + 2.063998487964991e-2f) * square) - 5.37400344078787e-2f) * square) + 1.3331446792249518e-1f) * square) - 3.333328215712166e-1f;
        return (p * square * x) + x;
    }

    /// <summary>1 / sqrt(mean(x^2) + eps) of a row that starts at <paramref name="at"/>, in short partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float InverseRms<TLanes>(ArrayView<float> x, long at, int D, float eps, ArrayView<float> shared)
        where TLanes : struct, ILanes
    {
        int lanes = TLanes.Count;
        float sum = 0;
        for (int from = TLanes.Index; from < D; from += 32 * lanes)
        {
            float part = 0;
            for (int d = from; d < D && d < from + (32 * lanes); d += lanes)
            {
                part += x[at + d] * x[at + d];
            }

            sum += part;
        }

        return 1 / MathF.Sqrt((TLanes.Sum(sum, shared) / D) + eps);
    }
}
