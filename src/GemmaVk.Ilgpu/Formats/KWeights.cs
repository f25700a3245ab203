using System.Runtime.CompilerServices;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

// Letters: n row, k column, g group of 32 columns.

/// <summary>A format of <see cref="KBlocks"/>: Q4K, Q5K and Q6K; a group's integers come word by word, four even columns or four odd ones in each.</summary>
internal readonly struct KWeights<TBits> : IWeights, IStepWeights
    where TBits : struct, IKBits
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<Eight> x, long at)
    {
        long group = (n * (long)(w.K / 32)) + g;
        float first = 0, second = 0, all = 0;
        for (int i = 0; i < 4; i++)
        {
            uint even = Codes(w, group, i, 0);
            uint odd = Codes(w, group, i, 1);
            float sum = x[at + i].Dot(
                Code(even), Code(odd), Code(even >> 8), Code(odd >> 8), Code(even >> 16), Code(odd >> 16), Code(even >> 24), Code(odd >> 24));
            all += TBits.Halved ? 0 : x[at + i].Dot(1, 1, 1, 1, 1, 1, 1, 1);
            first += i < 2 ? sum : 0;
            second += i < 2 ? 0 : sum;
        }

        return TBits.Halved
            ? (first * Step(w, group, 0)) + (second * Step(w, group, 1))
            : ((first + second) * Step(w, group, 0)) - (all * Least(w, group));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(in Matrix w, int n, int g, ArrayView<uint> q, long at, float unit)
    {
        long group = (n * (long)(w.K / 32)) + g;
        int first = 0, second = 0, all = 0;
        for (int i = 0; i < 4; i++)
        {
            uint even = q[at + i];
            uint odd = q[at + 4 + i];
            int sum = Products(Codes(w, group, i, 0), even) + Products(Codes(w, group, i, 1), odd);
            all += Bytes(even) + Bytes(odd);
            first += i < 2 ? sum : 0;
            second += i < 2 ? 0 : sum;
        }

        return TBits.Halved
            ? (unit * Step(w, group, 0) * first) + (unit * Step(w, group, 1) * second)
            : (unit * Step(w, group, 0) * (first + second)) - (unit * Least(w, group) * all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in Matrix w, int n, int k)
    {
        long group = (n * (long)(w.K / 32)) + (k / 32);
        int code = Code(Codes(w, group, k % 32 / 8, k & 1) >> (8 * (k % 8 / 2)));
        return TBits.Halved ? code * Step(w, group, k % 32 / 16) : (code * Step(w, group, 0)) - Least(w, group);
    }

    /// <summary>Integers of the even or of the odd columns 8i .. 8i + 7 of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Codes(in Matrix w, long group, int i, int odd)
    {
        long block = group / 8 * (TBits.BlockBytes / 4);
        int g = (int)(group % 8);
        uint nibbles = (w.Words[block + (4 * g) + i] >> (4 * odd)) & 0x0F0F0F0F;
        int more = TBits.UpperBits;
        if (more == 0)
        {
            return nibbles;
        }

        // Two bits: a word for either half of the group. One bit: a word for both.
        uint word = w.Words[block + 32 + (more == 2 ? 8 * (i / 2) : 0) + g];
        int shift = more == 2 ? (4 * (i & 1)) + (2 * odd) : (2 * i) + odd;
        return nibbles | (((word >> shift) & (more == 2 ? 0x03030303u : 0x01010101u)) << 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Code(uint bits) => (int)(bits & 63) - (TBits.Halved ? KBlocks.Offset : 0);

    /// <summary>What integers of one half of a group are multiplied by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Step(in Matrix w, long group, int half)
    {
        long header = group / 8 * (TBits.Halved ? 9 : 8);
        int g = (int)(group % 8);
        if (TBits.Halved)
        {
            return Float16.ToSingle(w.Scales[header + 8]) * (sbyte)(w.Scales[header + g] >> (8 * half));
        }

        int low = Byte(w, header, g), rest = Byte(w, header, 8 + (g & 3));
        return Float16.ToSingle(w.Scales[header]) * (g < 4 ? low & 63 : (rest & 15) | ((Byte(w, header, g & 3) >> 2) & 48));
    }

    /// <summary>What is taken off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Least(in Matrix w, long group)
    {
        long header = group / 8 * 8;
        int g = (int)(group % 8), rest = Byte(w, header, 8 + (g & 3)), upper = Byte(w, header, 4 + (g & 3));
        return Float16.ToSingle(w.Scales[header + 1]) * (g < 4 ? upper & 63 : (rest >> 4) | ((upper >> 2) & 48));
    }

    /// <summary>One of the twelve bytes of scales and minima.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Byte(in Matrix w, long header, int i) => (w.Scales[header + 2 + (i / 2)] >> (8 * (i & 1))) & 255;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Products(uint codes, uint q) =>
        (Code(codes) * (sbyte)q) + (Code(codes >> 8) * (sbyte)(q >> 8)) + (Code(codes >> 16) * (sbyte)(q >> 16)) + (Code(codes >> 24) * (sbyte)(q >> 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bytes(uint q) => (sbyte)q + (sbyte)(q >> 8) + (sbyte)(q >> 16) + (sbyte)(q >> 24);
}
