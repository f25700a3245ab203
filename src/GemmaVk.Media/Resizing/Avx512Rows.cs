using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GemmaVk.Media.Resizing;

/// <summary>AVX-512: twice the width down the columns. Along a row the taps of one pixel rarely fill more than AVX2's vectors.</summary>
internal readonly struct Avx512Rows : IRows
{
    public static bool IsSupported => Avx512BW.IsSupported;

    public static void Across(ref byte source, int sourceStride, AxisWeights weights, ref byte target, int targetStride) =>
        Avx2Rows.Across(ref source, sourceStride, weights, ref target, targetStride);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Down(ref byte rows, ReadOnlySpan<int> offsets, ReadOnlySpan<short> weights, int bits, Span<byte> target)
    {
        if (target.Length < Vector512<byte>.Count)
        {
            Avx2Rows.Down(ref rows, offsets, weights, bits, target);
            return;
        }

        Vector512<int> half = Vector512.Create(1 << bits >> 1);
        Vector128<int> places = Vector128.CreateScalar(bits);
        ref byte to = ref MemoryMarshal.GetReference(target);
        int last = target.Length - Vector512<byte>.Count;

        // The last vector overlaps the one before: it computes some bytes again.
        for (int x = 0; ; x = Math.Min(x + Vector512<byte>.Count, last))
        {
            Vector512<int> a = half, b = half, c = half, d = half;
            for (int j = 0; j + 1 < offsets.Length && j + 1 < weights.Length; j += 2)
            {
                Vector512<short> pair = Vector512.Create((weights[j] & 0xFFFF) | (weights[j + 1] << 16)).AsInt16();
                Vector512<byte> first = Vector512.LoadUnsafe(ref rows, (nuint)(offsets[j] + x));
                Vector512<byte> second = Vector512.LoadUnsafe(ref rows, (nuint)(offsets[j + 1] + x));
                Vector512<byte> low = Avx512BW.UnpackLow(first, second), high = Avx512BW.UnpackHigh(first, second);
                a += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackLow(low, Vector512<byte>.Zero).AsInt16(), pair);
                b += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackHigh(low, Vector512<byte>.Zero).AsInt16(), pair);
                c += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackLow(high, Vector512<byte>.Zero).AsInt16(), pair);
                d += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackHigh(high, Vector512<byte>.Zero).AsInt16(), pair);
            }

            Vector512<short> ab = Avx512BW.PackSignedSaturate(Avx512F.ShiftRightArithmetic(a, places), Avx512F.ShiftRightArithmetic(b, places));
            Vector512<short> cd = Avx512BW.PackSignedSaturate(Avx512F.ShiftRightArithmetic(c, places), Avx512F.ShiftRightArithmetic(d, places));
            Avx512BW.PackUnsignedSaturate(ab, cd).StoreUnsafe(ref to, (nuint)x);
            if (x == last)
            {
                return;
            }
        }
    }
}
