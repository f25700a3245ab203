using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: W head width, j position of the tile, g query head.

/// <summary>
/// What stands around the two products of <see cref="AttentionCode"/>: a tile's rows as they are wanted there, and weights as whole numbers. A weight is p[j, g] of 15 bits, where
/// the tile's largest is 32767, times the group's scale of 15 bits, where the largest of the positions that are seen is 32767, rounded to 15 bits again.
/// Vectors are those of AVX-512.
/// </summary>
internal static unsafe class WholeTile
{
    /// <summary>Positions per tile.</summary>
    public const int Rows = 2 * ValueKernel.MostPairs;

    /// <summary>Groups of a row, at most: a tile's scales are [Rows, 16].</summary>
    public const int MostGroups = 16;

    private const int Heads = AttentionCode.Heads;
    private const float Most = short.MaxValue;

    /// <summary>A row's bytes with 128 added to each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Bias(byte* from, byte* to, int W)
    {
        for (int w = 0; w < W; w += Vector256<byte>.Count)
        {
            (Vector256.Load(from + w) ^ Vector256.Create((byte)128)).Store(to + w);
        }
    }

    /// <summary>A row's scales; behind them zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ushort* from, float* to, int groups)
    {
        if (groups == MostGroups)
        {
            Lanes512.LoadBFloat16(from).Store(to);
            return;
        }

        Vector512<float>.Zero.Store(to);
        for (int i = 0; i < groups; i++)
        {
            to[i] = BFloat16.ToSingle(from[i]);
        }
    }

    /// <summary>
    /// Turns scores into weights on the scale of the tile's own maximum for each head, as whole numbers, pairs of positions beside each other. Older sums shrink by
    /// <paramref name="decay"/>, the tile's by <paramref name="shrink"/>.
    /// </summary>
    /// <param name="score">[Rows, 16] F32; becomes [Rows / 2, 16, 2] INT16, zero where a position is not seen, from the first pair with one that is to the last.</param>
    /// <param name="from">First position.</param>
    /// <param name="to">The position behind the last, above <paramref name="from"/>.</param>
    /// <param name="maximum">[2, 16]: running maxima, and running sums of weights.</param>
    /// <param name="decay">[16].</param>
    /// <param name="shrink">[16].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weigh(float* score, int from, int to, float* maximum, float* decay, float* shrink)
    {
        Vector512<float> before = Vector512.Load(maximum), largest = Vector512.Load(score + (from * Heads));
        for (int j = from + 1; j < to; j++)
        {
            largest = Avx512F.Max(Vector512.Load(score + (j * Heads)), largest);
        }

        Vector512<float> sum = Vector512<float>.Zero;
        for (int pair = from / 2; 2 * pair < to; pair++)
        {
            Vector512<float> first = Weight(score, 2 * pair, from, to, largest), second = Weight(score, (2 * pair) + 1, from, to, largest);
            sum += first;
            sum += second;
            Pair(first * Most, second * Most).Store((int*)score + (pair * Heads));
        }

        Vector512<float> highest = Avx512F.Max(before, largest);
        Vector512<float> old = VectorOps.Exp<Lanes512, Vector512<float>>(before - highest), own = VectorOps.Exp<Lanes512, Vector512<float>>(largest - highest);
        old.Store(decay);
        own.Store(shrink);
        highest.Store(maximum);
        Lanes512.Fma(sum, own, Vector512.Load(maximum + Heads) * old).Store(maximum + Heads);
    }

    /// <summary>Scales in units of each group's largest, pairs of positions beside each other.</summary>
    /// <param name="scale">[Rows, 16].</param>
    /// <param name="from">First position that is seen.</param>
    /// <param name="to">The position behind the last.</param>
    /// <param name="shares">[Rows / 2, 16, 2] INT16.</param>
    /// <param name="unit">[16]: what a weight of 1 in whole numbers is, for each group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shares(float* scale, int from, int to, int* shares, float* unit)
    {
        Vector512<float> largest = Vector512<float>.Zero;
        for (int j = from; j < to; j++)
        {
            largest = Avx512F.Max(Vector512.Abs(Vector512.Load(scale + (j * MostGroups))), largest);
        }

        Vector512<float> inverse = Vector512.ConditionalSelect(
            Vector512.GreaterThan(largest, Vector512<float>.Zero), Vector512.Create(Most) / largest, Vector512<float>.Zero);
        for (int pair = from / 2; 2 * pair < to; pair++)
        {
            Pair(Share(scale, 2 * pair, from, to, inverse), Share(scale, (2 * pair) + 1, from, to, inverse)).Store(shares + (pair * MostGroups));
        }

        // Both factors count in 32767ths, and their product in 32768ths of that.
        (largest * ((Most + 1) / (Most * Most))).Store(unit);
    }

    /// <summary>The weights of a group: the products of weights and scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(int* weights, int* shares, int group, int firstPair, int endPair, int* to)
    {
        for (int pair = firstPair; pair < endPair; pair++)
        {
            Vector512<short> share = Vector512.Create(shares[(pair * MostGroups) + group]).AsInt16();
            Avx512BW.MultiplyHighRoundScale(Vector512.Load(weights + (pair * Heads)).AsInt16(), share).AsInt32().Store(to + (pair * Heads));
        }
    }

    /// <summary>Two rows' bytes in turns: [W, 2].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(byte* first, byte* second, byte* to, int W)
    {
        for (int w = 0; w < W; w += Vector256<byte>.Count)
        {
            // Eight columns of each row beside each other in either half, so that unpacking leaves columns in their order.
            const byte turns = 0b11_01_10_00;
            Vector256<byte> a = Avx2.Permute4x64(Vector256.Load(first + w).AsInt64(), turns).AsByte();
            Vector256<byte> b = Avx2.Permute4x64(Vector256.Load(second + w).AsInt64(), turns).AsByte();
            Avx2.UnpackLow(a, b).Store(to + (2 * w));
            Avx2.UnpackHigh(a, b).Store(to + (2 * w) + Vector256<byte>.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Weight(float* score, int j, int from, int to, Vector512<float> largest) =>
        j < from || j >= to ? Vector512<float>.Zero : VectorOps.Exp<Lanes512, Vector512<float>>(Vector512.Load(score + (j * Heads)) - largest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Share(float* scale, int j, int from, int to, Vector512<float> inverse) =>
        j < from || j >= to ? Vector512<float>.Zero : Vector512.Load(scale + (j * MostGroups)) * inverse;

    /// <summary>Two vectors' nearest whole numbers, the first in the low words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Pair(Vector512<float> first, Vector512<float> second) =>
        (Avx512F.ConvertToVector512Int32(first) & Vector512.Create(0xFFFF)) | (Avx512F.ConvertToVector512Int32(second) << 16);
}
