using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GemmaVk.Media.Resizing;

/// <summary>128-bit vectors in portable code: NEON, and x86 without AVX2.</summary>
internal readonly struct Vector128Rows : IRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Across(ref byte source, int sourceStride, AxisWeights weights, ref byte target, int targetStride)
    {
        ref short table = ref MemoryMarshal.GetReference(weights.All);
        Vector128<int> half = Vector128.Create(1 << weights.Bits >> 1);
        for (int i = 0; i < weights.To; i++)
        {
            ref short taps = ref Unsafe.Add(ref table, i * weights.Stride);
            int count = weights.Counts[i];
            for (int row = 0; row < IRows.Together; row++)
            {
                ref byte pixels = ref Unsafe.Add(ref source, (row * sourceStride) + (weights.First[i] * 3));
                Vector128<int> sum = half;
                for (int j = 0; j < count; j += AxisWeights.Group)
                {
                    // Four pixels of three bytes; each becomes three 32-bit lanes and an empty one.
                    Vector128<byte> four = Vector128.LoadUnsafe(ref pixels, (nuint)(j * 3));
                    sum += Vector128.Shuffle(four, Vector128.Create((byte)0, 255, 255, 255, 1, 255, 255, 255, 2, 255, 255, 255, 255, 255, 255, 255)).AsInt32() * Unsafe.Add(ref taps, j);
                    sum += Vector128.Shuffle(four, Vector128.Create((byte)3, 255, 255, 255, 4, 255, 255, 255, 5, 255, 255, 255, 255, 255, 255, 255)).AsInt32() * Unsafe.Add(ref taps, j + 1);
                    sum += Vector128.Shuffle(four, Vector128.Create((byte)6, 255, 255, 255, 7, 255, 255, 255, 8, 255, 255, 255, 255, 255, 255, 255)).AsInt32() * Unsafe.Add(ref taps, j + 2);
                    sum += Vector128.Shuffle(four, Vector128.Create((byte)9, 255, 255, 255, 10, 255, 255, 255, 11, 255, 255, 255, 255, 255, 255, 255)).AsInt32() * Unsafe.Add(ref taps, j + 3);
                }

                Vector128<byte> bytes = Clamped(sum, weights.Bits);
                ref byte to = ref Unsafe.Add(ref target, (row * targetStride) + (i * 3));
                to = bytes.GetElement(0);
                Unsafe.Add(ref to, 1) = bytes.GetElement(4);
                Unsafe.Add(ref to, 2) = bytes.GetElement(8);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Down(ref byte rows, ReadOnlySpan<int> offsets, ReadOnlySpan<short> weights, int bits, Span<byte> target)
    {
        if (target.Length < Vector128<byte>.Count)
        {
            ScalarRows.Down(ref rows, offsets, weights, bits, target);
            return;
        }

        // The last vector overlaps the one before: it computes some bytes again.
        int last = target.Length - Vector128<byte>.Count;
        for (int x = 0; ; x = Math.Min(x + Vector128<byte>.Count, last))
        {
            Vector128<int> a, b, c, d;
            a = b = c = d = Vector128.Create(1 << bits >> 1);
            for (int j = 0; j < offsets.Length; j++)
            {
                Vector128<byte> row = Vector128.LoadUnsafe(ref rows, (nuint)(offsets[j] + x));
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(row);
                a += Vector128.WidenLower(low).AsInt32() * weights[j];
                b += Vector128.WidenUpper(low).AsInt32() * weights[j];
                c += Vector128.WidenLower(high).AsInt32() * weights[j];
                d += Vector128.WidenUpper(high).AsInt32() * weights[j];
            }

            Vector128.Narrow(
                Vector128.Narrow(Clamped(a, bits).AsUInt32(), Clamped(b, bits).AsUInt32()),
                Vector128.Narrow(Clamped(c, bits).AsUInt32(), Clamped(d, bits).AsUInt32())).CopyTo(target[x..]);
            if (x == last)
            {
                return;
            }
        }
    }

    // Four bytes in lanes of 32 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Clamped(Vector128<int> sum, int bits) =>
        Vector128.Min(Vector128.Max(sum >> bits, Vector128<int>.Zero), Vector128.Create(255)).AsByte();
}
