using System;
using System.Runtime.CompilerServices;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>F32: a column is a word, no scales.</summary>
internal readonly struct FloatWeights : IWeights
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<Eight> x, long at)
    {
        float sum = 0;
        for (int i = 0; i < 4; i++)
        {
            long word = (n * (long)w.K) + (32 * g) + (8 * i);
            sum += x[at + i].Dot(
                Float(w, word), Float(w, word + 1), Float(w, word + 2), Float(w, word + 3), Float(w, word + 4), Float(w, word + 5), Float(w, word + 6), Float(w, word + 7));
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in Matrix w, int n, int k) => Float(w, (n * (long)w.K) + k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Float(in Matrix w, long at) => BitConverter.Int32BitsToSingle((int)w.Words[at]);
}
