using System.Runtime.CompilerServices;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>BF16: two columns in a word, no scales.</summary>
internal readonly struct BFloat16Weights : IWeights
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<Eight> x, long at)
    {
        long word = ((n * (long)w.K) / 2) + (16 * g);
        float sum = 0;
        for (int i = 0; i < 4; i++)
        {
            uint a = w.Words[word + (4 * i)];
            uint b = w.Words[word + (4 * i) + 1];
            uint c = w.Words[word + (4 * i) + 2];
            uint d = w.Words[word + (4 * i) + 3];
            sum += x[at + i].Dot(Wide(a), Wide(a >> 16), Wide(b), Wide(b >> 16), Wide(c), Wide(c >> 16), Wide(d), Wide(d >> 16));
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in Matrix w, int n, int k) => Wide(w.Words[((n * (long)w.K) + k) / 2] >> (16 * (k & 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Wide(uint bits) => BFloat16.ToSingle((ushort)bits);
}
