using System.Runtime.CompilerServices;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>Q8 and Q8F16: four columns in a word, a scale per group.</summary>
internal readonly struct ByteWeights<TScales> : IWeights, IStepWeights
    where TScales : struct, IGroupScales
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<Eight> x, long at)
    {
        long group = (n * (long)(w.K / 32)) + g;
        float sum = 0;
        for (int i = 0; i < 4; i++)
        {
            uint a = w.Words[(8 * group) + (2 * i)];
            uint b = w.Words[(8 * group) + (2 * i) + 1];
            sum += x[at + i].Dot(
                (sbyte)a, (sbyte)(a >> 8), (sbyte)(a >> 16), (sbyte)(a >> 24), (sbyte)b, (sbyte)(b >> 8), (sbyte)(b >> 16), (sbyte)(b >> 24));
        }

        return sum * TScales.One(w.Scales[group]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<uint> q, long at, float unit)
    {
        long group = (n * (long)(w.K / 32)) + g;
        int sum = 0;
        for (int i = 0; i < 8; i++)
        {
            uint a = w.Words[(8 * group) + i];
            uint b = q[at + i];
            sum += ((sbyte)a * (sbyte)b) + ((sbyte)(a >> 8) * (sbyte)(b >> 8)) + ((sbyte)(a >> 16) * (sbyte)(b >> 16)) + ((sbyte)(a >> 24) * (sbyte)(b >> 24));
        }

        return unit * TScales.One(w.Scales[group]) * sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in Matrix w, int n, int k)
    {
        long at = (n * (long)w.K) + k;
        return (sbyte)(w.Words[at / 4] >> (8 * (k & 3))) * TScales.One(w.Scales[at / 32]);
    }
}
