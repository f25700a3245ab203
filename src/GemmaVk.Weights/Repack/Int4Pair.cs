using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// Two groups of <see cref="Int4Groups"/> side by side for AVX-512, the first in the lower halves of four vectors of sixteen: every value meets the
/// operations of <see cref="Int4Groups.One"/> in their order, so that the results are the same bits. What belongs to the four tries of either group
/// lies in one vector of eight, the second group's in its upper half.
/// </summary>
internal static class Int4Pair
{
    /// <summary>Whether the processor and the runtime offer what is used here.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Which first tries are negative: of none of the groups, of the first, of the second, of both.</summary>
    private static ReadOnlySpan<uint> Signs =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 1u << 31, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 1u << 31, 0, 0, 0, 1u << 31, 0, 0, 0, 1u << 31, 0, 0, 0,
    ];

    /// <summary>Quantises 64 values; false if one is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Quantise(ReadOnlySpan<float> groups, Span<byte> data, Span<ushort> scale)
    {
        ref float from = ref MemoryMarshal.GetReference(groups[..64]);
        return Quantise(Load(ref from, 0), Load(ref from, 8), Load(ref from, 16), Load(ref from, 24), data, scale);
    }

    /// <summary>The same of BF16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Quantise(ReadOnlySpan<ushort> groups, Span<byte> data, Span<ushort> scale)
    {
        ref ushort from = ref MemoryMarshal.GetReference(groups[..64]);
        return Quantise(Load(ref from, 0), Load(ref from, 8), Load(ref from, 16), Load(ref from, 24), data, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(ref float from, nuint i) =>
        Vector256.LoadUnsafe(ref from, i).ToVector512Unsafe().WithUpper(Vector256.LoadUnsafe(ref from, i + 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(ref ushort from, nuint i) => (Avx512F.ConvertToVector512UInt32(
        Vector128.LoadUnsafe(ref from, i).ToVector256Unsafe().WithUpper(Vector128.LoadUnsafe(ref from, i + 32))) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Quantise(Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3, Span<byte> data, Span<ushort> scale)
    {
        Vector512<int> magnitude = Vector512.Create(int.MaxValue);
        // As integers floats order like numbers if they are positive, and a NaN is larger than every number.
        Vector512<int> size = Vector512.Max(
            Vector512.Max(x0.AsInt32() & magnitude, x1.AsInt32() & magnitude), Vector512.Max(x2.AsInt32() & magnitude, x3.AsInt32() & magnitude));
        size = Vector512.Max(size, Avx512F.Shuffle4x128(size, size, 0b10_11_00_01));
        size = Vector512.Max(size, Avx512F.Shuffle(size, 0b01_00_11_10));
        size = Vector512.Max(size, Avx512F.Shuffle(size, 0b10_11_00_01));
        if (Vector512.GreaterThanOrEqualAny(size, Vector512.Create(0x7F800000)))
        {
            return false;
        }

        Vector512<int> highest = Vector512.Max(Vector512.Max(x0.AsInt32(), x1.AsInt32()), Vector512.Max(x2.AsInt32(), x3.AsInt32()));
        uint positive = (uint)Vector512.Equals(highest, size).ExtractMostSignificantBits();
        int signs = ((byte)positive != 0 ? 8 : 0) + (positive >> 8 != 0 ? 16 : 0);
        Vector256<float> tops = Vector256.Create(size.GetLower().GetLower(), size.GetUpper().GetLower()).AsSingle();
        Vector256<float> tries = (tops ^ Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(Signs), (nuint)signs).AsSingle())
            / Vector256.Create(8f, 7f, 7.5f, 8f, 8f, 7f, 7.5f, 8f);
        Vector256<float> scales = Conversion.Scales(tries), inverses = Conversion.Inverses(scales);

        Vector512<float> first = Errors(Of(scales, 0), Of(inverses, 0), true, x0, x1, x2, x3), second = Errors(Of(scales, 1), Of(inverses, 1), false, x0, x1, x2, x3);
        Vector512<float> third = Errors(Of(scales, 2), Of(inverses, 2), true, x0, x1, x2, x3), fourth = Errors(Of(scales, 3), Of(inverses, 3), true, x0, x1, x2, x3);
        Vector512<float> quarters = Neighbours(Neighbours(first, second), Neighbours(third, fourth));
        Vector256<float> errors = Vector256.Create(quarters.GetLower().GetLower(), quarters.GetUpper().GetLower())
            + Vector256.Create(quarters.GetLower().GetUpper(), quarters.GetUpper().GetUpper());

        // The first of equals.
        Vector256<float> least = Vector256.MinNative(errors, Avx.Permute(errors, 0b01_00_11_10));
        least = Vector256.MinNative(least, Avx.Permute(least, 0b10_11_00_01));
        uint best = Vector256.Equals(errors, least).ExtractMostSignificantBits();
        int bestA = BitOperations.TrailingZeroCount(best), bestB = 4 + BitOperations.TrailingZeroCount(best >> 4);
        scale[0] = (ushort)(scales.AsUInt32().GetElement(bestA) >> 16);
        scale[1] = (ushort)(scales.AsUInt32().GetElement(bestB) >> 16);
        Pack(Vector256.Create(inverses.GetElement(bestA)).ToVector512Unsafe().WithUpper(Vector256.Create(inverses.GetElement(bestB))), x0, x1, x2, x3).CopyTo(data);
        return true;
    }

    /// <summary>Number <paramref name="i"/> of either group, in all its lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Of(Vector256<float> values, int i) =>
        Avx512F.PermuteVar16x32(values.ToVector512Unsafe(), Vector512.Create(Vector256.Create(i), Vector256.Create(i + 4)));

    /// <summary>Squared errors of a try, each lane those of four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Errors(
        Vector512<float> s, Vector512<float> f, bool reachesEight, Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3)
    {
        Vector512<float> e0 = x0 - (Step(x0, f, reachesEight) * s), e1 = x1 - (Step(x1, f, reachesEight) * s);
        Vector512<float> e2 = x2 - (Step(x2, f, reachesEight) * s), e3 = x3 - (Step(x3, f, reachesEight) * s);
        return (e0 * e0) + (e1 * e1) + (e2 * e2) + (e3 * e3);
    }

    /// <summary>The bounds of <see cref="Int4Groups"/> where they can matter: no value is below -8.02 steps, and with the scale |m| / 7 none above 7.02.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Step(Vector512<float> x, Vector512<float> f, bool reachesEight)
    {
        Vector512<float> step = Avx512F.RoundScale(x * f, 0);
        return reachesEight ? Vector512.MinNative(step, Vector512.Create(7f)) : step;
    }

    /// <summary>Sums of neighbours: of a in the lower halves of quarters, of b in the upper ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Neighbours(Vector512<float> a, Vector512<float> b) =>
        Avx512F.Shuffle(a, b, 0b10_00_10_00) + Avx512F.Shuffle(a, b, 0b11_01_11_01);

    /// <summary>Nibbles of both groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Pack(Vector512<float> f, Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3)
    {
        // Byte i of lane j holds the nibbles of vector i's columns 2j and 2j + 1.
        Vector512<ulong> lanes = Pairs(x0, f) | (Pairs(x1, f) << 8) | (Pairs(x2, f) << 16) | (Pairs(x3, f) << 24);
        return Avx2.Shuffle(
            Avx512F.ConvertToVector256UInt32(lanes).AsByte(),
            Vector256.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    }

    /// <summary>Two nibbles at the bottom of each lane; what stands above bit 31 does not count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Pairs(Vector512<float> x, Vector512<float> f)
    {
        // The conversion rounds to nearest even.
        Vector512<int> steps = Avx512F.ConvertToVector512Int32(Vector512.MinNative(x * f, Vector512.Create(7f))) + Vector512.Create(8);
        return steps.AsUInt64() | (steps.AsUInt64() >>> 28);
    }
}
