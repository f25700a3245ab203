using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: g query head.

/// <summary>
/// Queries of sixteen heads as whole numbers of 16 bits, as <see cref="WordScoreKernel"/> reads them. A head's unit makes the largest sum of magnitudes of any 32 columns
/// <see cref="MostOfGroup"/>: with keys of <see cref="WordTile.Most"/> at most, and half a unit for each rounding, no dot of 32 columns reaches 2^31.
/// </summary>
internal static unsafe class WordQueries
{
    private const float MostOfGroup = 65500;
    private const float Most = short.MaxValue;

    /// <summary>Writes the columns [first, end) of both halves, half a row apart, group by group.</summary>
    /// <param name="from">[16, W] F32.</param>
    /// <param name="norm">What columns are multiplied with, [W], or null.</param>
    /// <param name="first">First column of a half.</param>
    /// <param name="half">Columns from half to half, a multiple of 32.</param>
    /// <param name="halves">Two, or one for a row that is one piece.</param>
    /// <param name="to">Of each group <see cref="WordScoreKernel.QueryBytes"/> bytes.</param>
    /// <param name="units">[16].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(float* from, float* norm, int first, int half, int halves, byte* to, float* units)
    {
        int groups = (half - first) / QuantBlocks.GroupSize;
        for (int g = 0; g < AttentionCode.Heads; g++)
        {
            float* row = from + ((long)g * half * halves);
            float largest = 0, sum = 0;
            for (int i = 0; i < groups * halves; i++)
            {
                int column = Column(i, groups, first, half);
                Vector512<float> a = Vector512.Abs(Load(row, norm, column)), b = Vector512.Abs(Load(row, norm, column + Vector512<float>.Count));
                largest = Math.Max(largest, Lanes512.Largest(Avx512F.Max(a, b)));
                sum = Math.Max(sum, Lanes512.Sum(a + b));
            }

            units[g] = Math.Max(largest / Most, sum / MostOfGroup);
            Vector512<float> inverse = Vector512.Create(units[g] > 0 ? 1 / units[g] : 0);
            for (int i = 0; i < groups * halves; i++)
            {
                int column = Column(i, groups, first, half);
                int* group = (int*)(to + ((long)i * WordScoreKernel.QueryBytes)) + g;
                Put(Load(row, norm, column) * inverse, group);
                Put(Load(row, norm, column + Vector512<float>.Count) * inverse, group + (Vector256<int>.Count * AttentionCode.Heads));
            }
        }
    }

    private static int Column(int i, int groups, int first, int half) => (i / groups * half) + first + (i % groups * QuantBlocks.GroupSize);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(float* row, float* norm, int w)
    {
        Vector512<float> value = Vector512.Load(row + w);
        return norm == null ? value : value * Vector512.Load(norm + w);
    }

    /// <summary>Sixteen columns of a head, two to a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<float> value, int* to)
    {
        // What rounding lifts above the largest word stays that.
        Vector256<int> pairs = Avx512F.ConvertToVector256Int16WithSaturation(Avx512F.ConvertToVector512Int32(value)).AsInt32();
        for (int i = 0; i < Vector256<int>.Count; i++)
        {
            to[i * AttentionCode.Heads] = pairs[i];
        }
    }
}
