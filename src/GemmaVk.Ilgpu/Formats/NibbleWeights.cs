using System.Runtime.CompilerServices;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>Q4 and Q4F16: eight columns in a word, offset 8, a scale per group.</summary>
internal readonly struct NibbleWeights<TScales> : IWeights, IStepWeights
    where TScales : struct, IGroupScales
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<Eight> x, long at)
    {
        long group = (n * (long)(w.K / 32)) + g;
        float sum = 0;
        for (int i = 0; i < 4; i++)
        {
            uint word = w.Words[(4 * group) + i];
            sum += x[at + i].Dot(
                Step(word), Step(word >> 4), Step(word >> 8), Step(word >> 12), Step(word >> 16), Step(word >> 20), Step(word >> 24), Step(word >> 28));
        }

        return sum * TScales.One(w.Scales[group]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<uint> q, long at, float unit)
    {
        long group = (n * (long)(w.K / 32)) + g;
        int sum = 0;
        for (int i = 0; i < 4; i++)
        {
            uint word = w.Words[(4 * group) + i];
            uint even = q[at + i];
            uint odd = q[at + 4 + i];
            sum += (Step(word) * (sbyte)even) + (Step(word >> 4) * (sbyte)odd)
                + (Step(word >> 8) * (sbyte)(even >> 8)) + (Step(word >> 12) * (sbyte)(odd >> 8))
                + (Step(word >> 16) * (sbyte)(even >> 16)) + (Step(word >> 20) * (sbyte)(odd >> 16))
                + (Step(word >> 24) * (sbyte)(even >> 24)) + (Step(word >> 28) * (sbyte)(odd >> 24));
        }

        return unit * TScales.One(w.Scales[group]) * sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in Matrix w, int n, int k)
    {
        long at = (n * (long)w.K) + k;
        return Step(w.Words[at / 8] >> (4 * (k & 7))) * TScales.One(w.Scales[at / 32]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Step(uint bits) => (int)(bits & 15) - 8;
}
