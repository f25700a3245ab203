using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: W head width, j position of the tile, g query head, e exponent of a half.

/// <summary>
/// Rows of halves as whole numbers of 15 bits and a sign, and weights that go with them. A row has one step, a power of two by which its largest number fills the bits: what is not smaller
/// than a sixteenth of that number's power of two is kept to the last bit, and the rest to half a step. Vectors are those of AVX-512.
/// </summary>
internal static unsafe class WordTile
{
    /// <summary>The largest number: 11 bits of a half, four places up.</summary>
    public const int Most = 2047 << Places;

    private const int Places = 4;
    private const int Heads = AttentionCode.Heads;
    private const int Special = 31;

    // Weights of a tile: 64 of them, half a unit off each, times Most stay below 2^31.
    private const float MostOfTile = 65472;
    private const float MostWeight = short.MaxValue;

    /// <summary>The largest exponent of a row, at least 1, which subnormal numbers share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Exponent(ushort* from, int W)
    {
        Vector512<ushort> largest = Vector512.Create((ushort)(1 << 10));
        for (int w = 0; w < W; w += Vector512<ushort>.Count)
        {
            largest = Avx512BW.Max(largest, Vector512.Load(from + w) & Vector512.Create((ushort)0x7FFF));
        }

        Vector256<ushort> half = Avx2.Max(largest.GetLower(), largest.GetUpper());
        Vector128<ushort> quarter = Sse41.Max(half.GetLower(), half.GetUpper());
        return (ushort)~Sse41.MinHorizontal(~quarter).ToScalar() >> 10;
    }

    /// <summary>What a step of a row is; of one that holds what is no number, no number either.</summary>
    public static float Unit(int exponent) => exponent == Special ? float.NaN : System.MathF.ScaleB(1, exponent - 25 - Places);

    /// <summary>A row alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(ushort* from, int exponent, short* to, int W)
    {
        Vector512<ushort> most = Vector512.Create((ushort)exponent);
        for (int w = 0; w < W; w += Vector512<ushort>.Count)
        {
            Words(from + w, most).Store(to + w);
        }
    }

    /// <summary>Two rows in turns, [W, 2], and each alone where <paramref name="a"/> and <paramref name="b"/> are places for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pair(ushort* first, int firstExponent, ushort* second, int secondExponent, short* to, short* a, short* b, int W)
    {
        Vector512<ushort> firstMost = Vector512.Create((ushort)firstExponent), secondMost = Vector512.Create((ushort)secondExponent);
        // Four columns of each row beside each other in every quarter, so that unpacking leaves columns in their order.
        Vector512<long> turns = Vector512.Create(0L, 4, 1, 5, 2, 6, 3, 7);
        for (int w = 0; w < W; w += Vector512<ushort>.Count)
        {
            Vector512<short> x = Words(first + w, firstMost), y = Words(second + w, secondMost);
            if (a != null)
            {
                x.Store(a + w);
                y.Store(b + w);
            }

            x = Avx512F.PermuteVar8x64(x.AsInt64(), turns).AsInt16();
            y = Avx512F.PermuteVar8x64(y.AsInt64(), turns).AsInt16();
            Avx512BW.UnpackLow(x, y).Store(to + (2 * w));
            Avx512BW.UnpackHigh(x, y).Store(to + (2 * w) + Vector512<short>.Count);
        }
    }

    /// <summary>Numbers of a row as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Floats(short* from, float unit, float* to, int columns)
    {
        for (int w = 0; w < columns; w += Vector512<float>.Count)
        {
            (Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector256.Load(from + w))) * Vector512.Create(unit)).Store(to + w);
        }
    }

    /// <summary>
    /// Turns scores into weights on the scale of the tile's own maximum for each head, times the steps of their rows, as whole numbers, pairs of positions beside each other.
    /// Older sums shrink by <paramref name="decay"/>.
    /// </summary>
    /// <param name="score">[64, 16] F32; becomes [32, 16, 2] INT16, zero where a position is not seen, from the first pair with one that is to the last.</param>
    /// <param name="steps">[64]: the rows' units.</param>
    /// <param name="from">First position.</param>
    /// <param name="to">The position behind the last, above <paramref name="from"/>.</param>
    /// <param name="maximum">[2, 16]: running maxima, and running sums of weights.</param>
    /// <param name="decay">[16].</param>
    /// <param name="unit">[16]: what a weight and value of 1 in whole numbers is.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weigh(float* score, float* steps, int from, int to, float* maximum, float* decay, float* unit)
    {
        Vector512<float> before = Vector512.Load(maximum), largest = Vector512.Load(score + (from * Heads));
        for (int j = from + 1; j < to; j++)
        {
            largest = Avx512F.Max(Vector512.Load(score + (j * Heads)), largest);
        }

        Vector512<float> sum = Vector512<float>.Zero, total = Vector512<float>.Zero, most = Vector512<float>.Zero;
        for (int j = from; j < to; j++)
        {
            Vector512<float> weight = VectorOps.Exp<Lanes512, Vector512<float>>(Vector512.Load(score + (j * Heads)) - largest);
            sum += weight;
            weight *= Vector512.Create(steps[j]);
            total += weight;
            most = Avx512F.Max(weight, most);
            weight.Store(score + (j * Heads));
        }

        // The second operand is what stays where one is no number.
        Vector512<float> step = Avx512F.Max(most * (1 / MostWeight), total * (1 / MostOfTile)), inverse = Vector512<float>.One / step;
        for (int pair = from / 2; 2 * pair < to; pair++)
        {
            Vector512<int> first = Weight(score, 2 * pair, from, to, inverse), second = Weight(score, (2 * pair) + 1, from, to, inverse);
            ((first & Vector512.Create(0xFFFF)) | (second << 16)).Store((int*)score + (pair * Heads));
        }

        Vector512<float> highest = Avx512F.Max(before, largest);
        Vector512<float> old = VectorOps.Exp<Lanes512, Vector512<float>>(before - highest), own = VectorOps.Exp<Lanes512, Vector512<float>>(largest - highest);
        old.Store(decay);
        (own * step).Store(unit);
        highest.Store(maximum);
        Lanes512.Fma(sum, own, Vector512.Load(maximum + Heads) * old).Store(maximum + Heads);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Weight(float* score, int j, int from, int to, Vector512<float> inverse) =>
        j < from || j >= to ? Vector512<int>.Zero : Avx512F.ConvertToVector512Int32(Vector512.Load(score + (j * Heads)) * inverse);

    /// <summary>32 halves in units of 2^(exponent - 25 - Places), to the nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Words(ushort* from, Vector512<ushort> exponent)
    {
        Vector512<ushort> bits = Vector512.Load(from), magnitude = bits & Vector512.Create((ushort)0x7FFF);
        Vector512<ushort> e = Avx512BW.Max(magnitude >> 10, Vector512<ushort>.One);
        // With an exponent of 1 a half's bits are its significand; every one more is a place of 11 bits too many. One place more than is kept stays for rounding.
        Vector512<ushort> significand = (magnitude << (Places + 1)) - ((e - Vector512<ushort>.One) << (10 + Places + 1));
        Vector512<ushort> shifted = Avx512BW.ShiftRightLogicalVariable(significand, exponent - e);
        Vector512<short> rounded = Avx512BW.Average(shifted, Vector512<ushort>.Zero).AsInt16(), sign = bits.AsInt16() >> 15;
        return (rounded ^ sign) - sign;
    }
}
