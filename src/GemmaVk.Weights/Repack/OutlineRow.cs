using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// A row of BF16 in Q8 by the rule of <see cref="Int8Groups"/>, and on the way its squares and those of its difference to the copy: each value is
/// read once, where a large head would else pass through the caches five times.
/// </summary>
internal static class OutlineRow
{
    /// <summary>Quantises whole groups.</summary>
    /// <param name="bits">The row in BF16.</param>
    /// <param name="data">Receives INT8.</param>
    /// <param name="scale">Receives the scales.</param>
    /// <returns>The sum of the row's squares and that of its difference's, each added in F32, and the largest scale; null if a value is not finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Row, double Difference, double Scale)? Quantise(ReadOnlySpan<ushort> bits, Span<byte> data, Span<ushort> scale)
    {
        bits = bits[..(scale.Length * QuantBlocks.GroupSize)];
        data = data[..bits.Length];
        ref ushort from = ref MemoryMarshal.GetReference(bits);
        ref byte to = ref MemoryMarshal.GetReference(data);
        Vector256<float> row = Vector256<float>.Zero, nextRow = row, difference = row, nextDifference = row;
        ushort largest = 0;
        for (int g = 0; g < scale.Length; g++)
        {
            nuint at = (nuint)g * QuantBlocks.GroupSize;
            (Vector256<float> x0, Vector256<float> x1) = Widen(Vector256.LoadUnsafe(ref from, at));
            (Vector256<float> x2, Vector256<float> x3) = Widen(Vector256.LoadUnsafe(ref from, at + 16));
            float absmax = Conversion.AbsMax(x0, x1, x2, x3);
            if (!float.IsFinite(absmax))
            {
                return null;
            }

            ushort unit = Conversion.Scale(absmax / 127f);
            Vector256<float> s = Vector256.Create(BFloat16.ToSingle(unit)), f = Vector256.Create(Conversion.Inverse(unit));
            Vector256<float> q0 = Step(x0, f), q1 = Step(x1, f), q2 = Step(x2, f), q3 = Step(x3, f);
            Vector256<float> d0 = x0 - (q0 * s), d1 = x1 - (q1 * s), d2 = x2 - (q2 * s), d3 = x3 - (q3 * s);
            row += (x0 * x0) + (x1 * x1);
            nextRow += (x2 * x2) + (x3 * x3);
            difference += (d0 * d0) + (d1 * d1);
            nextDifference += (d2 * d2) + (d3 * d3);
            Vector256.Narrow(Vector256.Narrow(Whole(q0), Whole(q1)), Vector256.Narrow(Whole(q2), Whole(q3))).AsByte().StoreUnsafe(ref to, at);
            scale[g] = unit;
            // Scales are positive: their bits order like them.
            largest = Math.Max(largest, unit);
        }

        return (Sum(row) + Sum(nextRow), Sum(difference) + Sum(nextDifference), BFloat16.ToSingle(largest));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Low, Vector256<float> High) Widen(Vector256<ushort> bits)
    {
        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(bits);
        return ((low << 16).AsSingle(), (high << 16).AsSingle());
    }

    // All values are finite here. The scale may have been rounded down: 128 and -128 are cut.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Step(Vector256<float> x, Vector256<float> f) =>
        Vector256.MaxNative(Vector256.MinNative(Vector256.Round(x * f), Vector256.Create(127f)), Vector256.Create(-127f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Whole(Vector256<float> q) => Vector256.ConvertToInt32Native(q);

    private static double Sum(Vector256<float> squares)
    {
        double sum = 0;
        for (int lane = 0; lane < Vector256<float>.Count; lane++)
        {
            sum += squares[lane];
        }

        return sum;
    }
}
