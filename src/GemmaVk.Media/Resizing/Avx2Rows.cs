using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GemmaVk.Media.Resizing;

/// <summary>AVX2: pairs of taps in 16 bits, multiplied and added to 32.</summary>
internal readonly struct Avx2Rows : IRows
{
    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Across(ref byte source, int sourceStride, AxisWeights weights, ref byte target, int targetStride)
    {
        // Four pixels: the first two as r r g g b b in the lower half, the others in the upper half, each byte widened to 16 bits.
        Vector256<byte> spread = Vector256.Create(
            (byte)0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255,
            6, 255, 9, 255, 7, 255, 10, 255, 8, 255, 11, 255, 255, 255, 255, 255);
        Vector256<byte> repeat = Vector256.Create(
            (byte)0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
            4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
        Vector128<int> half = Vector128.Create(1 << weights.Bits >> 1);
        Vector128<int> places = Vector128.CreateScalar(weights.Bits);
        ref short table = ref MemoryMarshal.GetReference(weights.All);
        ref int firsts = ref MemoryMarshal.GetReference(weights.First);
        ref int counts = ref MemoryMarshal.GetReference(weights.Counts);
        nint stride = sourceStride, to = targetStride;
        int outputs = weights.To, tableStride = weights.Stride;
        for (int i = 0; i < outputs; i++)
        {
            ref short taps = ref Unsafe.Add(ref table, i * tableStride);
            ref byte pixels = ref Unsafe.Add(ref source, Unsafe.Add(ref firsts, i) * 3);
            Vector256<int> a = default, b = default, c = default, d = default;
            for (int left = Unsafe.Add(ref counts, i); left > 0; left -= AxisWeights.Group)
            {
                Vector256<short> pairs = Avx2.Shuffle(Vector256.Create(Unsafe.ReadUnaligned<long>(ref Unsafe.As<short, byte>(ref taps))).AsByte(), repeat).AsInt16();
                a += Products(ref pixels, spread, pairs);
                b += Products(ref Unsafe.Add(ref pixels, stride), spread, pairs);
                c += Products(ref Unsafe.Add(ref pixels, 2 * stride), spread, pairs);
                d += Products(ref Unsafe.Add(ref pixels, 3 * stride), spread, pairs);
                pixels = ref Unsafe.Add(ref pixels, 3 * AxisWeights.Group);
                taps = ref Unsafe.Add(ref taps, AxisWeights.Group);
            }

            // Four pixels of four bytes, one per row; the fourth byte is overwritten by the next pixel.
            Vector128<short> ab = Sse2.PackSignedSaturate(Sum(a, half, places), Sum(b, half, places));
            Vector128<short> cd = Sse2.PackSignedSaturate(Sum(c, half, places), Sum(d, half, places));
            Vector128<uint> bytes = Sse2.PackUnsignedSaturate(ab, cd).AsUInt32();
            ref byte result = ref Unsafe.Add(ref target, i * 3);
            Unsafe.WriteUnaligned(ref result, bytes.GetElement(0));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref result, to), bytes.GetElement(1));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref result, 2 * to), bytes.GetElement(2));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref result, 3 * to), bytes.GetElement(3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Down(ref byte rows, ReadOnlySpan<int> offsets, ReadOnlySpan<short> weights, int bits, Span<byte> target)
    {
        if (target.Length < Vector256<byte>.Count)
        {
            ScalarRows.Down(ref rows, offsets, weights, bits, target);
            return;
        }

        Vector256<int> half = Vector256.Create(1 << bits >> 1);
        Vector128<int> places = Vector128.CreateScalar(bits);
        ref byte to = ref MemoryMarshal.GetReference(target);
        int last = target.Length - Vector256<byte>.Count;

        // The last vector overlaps the one before: it computes some bytes again.
        for (int x = 0; ; x = Math.Min(x + Vector256<byte>.Count, last))
        {
            Vector256<int> a = half, b = half, c = half, d = half;
            for (int j = 0; j + 1 < offsets.Length && j + 1 < weights.Length; j += 2)
            {
                Vector256<short> pair = Vector256.Create((weights[j] & 0xFFFF) | (weights[j + 1] << 16)).AsInt16();
                Vector256<byte> first = Vector256.LoadUnsafe(ref rows, (nuint)(offsets[j] + x));
                Vector256<byte> second = Vector256.LoadUnsafe(ref rows, (nuint)(offsets[j + 1] + x));
                Vector256<byte> low = Avx2.UnpackLow(first, second), high = Avx2.UnpackHigh(first, second);
                a += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(low, Vector256<byte>.Zero).AsInt16(), pair);
                b += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(low, Vector256<byte>.Zero).AsInt16(), pair);
                c += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(high, Vector256<byte>.Zero).AsInt16(), pair);
                d += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(high, Vector256<byte>.Zero).AsInt16(), pair);
            }

            Vector256<short> ab = Avx2.PackSignedSaturate(Avx2.ShiftRightArithmetic(a, places), Avx2.ShiftRightArithmetic(b, places));
            Vector256<short> cd = Avx2.PackSignedSaturate(Avx2.ShiftRightArithmetic(c, places), Avx2.ShiftRightArithmetic(d, places));
            Avx2.PackUnsignedSaturate(ab, cd).StoreUnsafe(ref to, (nuint)x);
            if (x == last)
            {
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(ref byte pixels, Vector256<byte> spread, Vector256<short> pairs)
    {
        Vector128<byte> four = Vector128.LoadUnsafe(ref pixels);
        return Avx2.MultiplyAddAdjacent(Avx2.Shuffle(Vector256.Create(four, four), spread).AsInt16(), pairs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Sum(Vector256<int> sums, Vector128<int> half, Vector128<int> places) =>
        Sse2.ShiftRightArithmetic(sums.GetLower() + sums.GetUpper() + half, places);
}
