using System.Runtime.CompilerServices;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>F8E4M3: four columns in a word, a BF16 scale per row.</summary>
internal readonly struct Float8Weights : IWeights
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<Eight> x, long at)
    {
        long word = ((n * (long)w.K) / 4) + (8 * g);
        float sum = 0;
        for (int i = 0; i < 4; i++)
        {
            uint a = w.Words[word + (2 * i)];
            uint b = w.Words[word + (2 * i) + 1];
            sum += x[at + i].Dot(
                Wide(a), Wide(a >> 8), Wide(a >> 16), Wide(a >> 24), Wide(b), Wide(b >> 8), Wide(b >> 16), Wide(b >> 24));
        }

        return sum * BFloat16.ToSingle(w.Scales[n]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in Matrix w, int n, int k) =>
        Wide(w.Words[((n * (long)w.K) + k) / 4] >> (8 * (k & 3))) * BFloat16.ToSingle(w.Scales[n]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Wide(uint bits) => Float8.ToSingle((byte)bits);
}
