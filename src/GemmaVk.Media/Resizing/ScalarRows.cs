using System;
using System.Runtime.CompilerServices;

namespace GemmaVk.Media.Resizing;

/// <summary>The loops in plain words; the reference of the others.</summary>
internal readonly struct ScalarRows : IRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Across(ref byte source, int sourceStride, AxisWeights weights, ref byte target, int targetStride)
    {
        for (int row = 0; row < IRows.Together; row++)
        {
            for (int i = 0; i < weights.To; i++)
            {
                ReadOnlySpan<short> taps = weights.Of(i);
                for (int channel = 0; channel < 3; channel++)
                {
                    int sum = 1 << weights.Bits >> 1;
                    for (int j = 0; j < taps.Length; j++)
                    {
                        sum += Unsafe.Add(ref source, (row * sourceStride) + ((weights.First[i] + j) * 3) + channel) * taps[j];
                    }

                    Unsafe.Add(ref target, (row * targetStride) + (i * 3) + channel) = (byte)Math.Clamp(sum >> weights.Bits, 0, 255);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Down(ref byte rows, ReadOnlySpan<int> offsets, ReadOnlySpan<short> weights, int bits, Span<byte> target)
    {
        for (int x = 0; x < target.Length; x++)
        {
            int sum = 1 << bits >> 1;
            for (int j = 0; j < offsets.Length; j++)
            {
                sum += Unsafe.Add(ref rows, offsets[j] + x) * weights[j];
            }

            target[x] = (byte)Math.Clamp(sum >> bits, 0, 255);
        }
    }
}
