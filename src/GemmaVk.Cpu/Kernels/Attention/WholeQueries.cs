using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: g query head, W head width, P pairs that rotate.

/// <summary>Queries of sixteen heads as whole numbers of 16 bits, each head in units of its own largest, as <see cref="ScoreKernel"/> reads them.</summary>
internal static unsafe class WholeQueries
{
    // The largest number whose low byte, taken with its sign, leaves a high byte that has one.
    private const float Most = (127 * 256) + 127;

    /// <summary>Writes the columns [first, end) of both halves, half a row apart, group by group.</summary>
    /// <param name="from">[16, W] F32.</param>
    /// <param name="norm">What columns are multiplied with, [W], or null.</param>
    /// <param name="first">First column of a half.</param>
    /// <param name="half">Columns from half to half, a multiple of 32.</param>
    /// <param name="halves">Two, or one for a row that is one piece.</param>
    /// <param name="to">Of each group <see cref="ScoreKernel.QueryBytes"/> bytes.</param>
    /// <param name="units">[16].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(float* from, float* norm, int first, int half, int halves, byte* to, float* units)
    {
        int groups = (half - first) / QuantBlocks.GroupSize;
        for (int g = 0; g < AttentionCode.Heads; g++)
        {
            float* row = from + ((long)g * half * halves);
            Vector512<float> largest = Vector512<float>.Zero;
            for (int i = 0; i < halves; i++)
            {
                for (int w = first; w < half; w += Vector512<float>.Count)
                {
                    largest = Avx512F.Max(Vector512.Abs(Column(row, norm, (i * half) + w)), largest);
                }
            }

            float most = Lanes512.Largest(largest);
            units[g] = most / Most;
            Vector512<float> inverse = Vector512.Create(most > 0 ? Most / most : 0);
            for (int i = 0; i < groups * halves; i++)
            {
                int column = (i / groups * half) + first + (i % groups * QuantBlocks.GroupSize);
                byte* group = to + ((long)i * ScoreKernel.QueryBytes);
                Vector512<int> low = Split(Column(row, norm, column) * inverse, group, 0, g);
                Vector512<int> high = Split(Column(row, norm, column + Vector512<float>.Count) * inverse, group, Vector512<float>.Count / 4, g);
                ((int*)(group + ScoreKernel.StartAt))[g] = -128 * Vector512.Sum(low + high);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Column(float* row, float* norm, int w)
    {
        Vector512<float> value = Vector512.Load(row + w);
        return norm == null ? value : value * Vector512.Load(norm + w);
    }

    /// <summary>Writes the bytes of sixteen columns; returns the numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Split(Vector512<float> value, byte* group, int step, int g)
    {
        Vector512<int> number = Avx512F.ConvertToVector512Int32(value);
        Vector512<int> high = (number + Vector512.Create(128)) >> 8;
        Vector128<int> highs = Avx512F.ConvertToVector128SByte(high).AsInt32(), lows = Avx512F.ConvertToVector128SByte(number - (high << 8)).AsInt32();
        int* to = (int*)group + (step * 2 * AttentionCode.Heads) + g;
        for (int i = 0; i < Vector128<int>.Count; i++, to += 2 * AttentionCode.Heads)
        {
            to[0] = highs[i];
            to[AttentionCode.Heads] = lows[i];
        }

        return number;
    }
}
