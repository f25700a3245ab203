using System;
using System.Collections.Generic;
using System.Globalization;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Instruments;

/// <summary>
/// What two kernels left in operands that were made alike. At the 12B's shapes a scalar reference would take minutes, and the kernel that comes with the program
/// stands for it; sums in another order are no difference.
/// </summary>
internal static class ResultComparison
{
    // Of the largest value of a buffer, and in steps of INT8: rounding that falls the other way moves a value by one.
    private const double Share = 0.02;
    private const int Steps = 2;

    // A cache at great depth is read by these kernels, and written in other shapes.
    private const long MostBytes = 64 << 20;

    /// <summary>The first difference in words, or null.</summary>
    public static string? Of(OperandBuffers embedded, OperandBuffers own)
    {
        (IReadOnlyList<BufferHandle> a, IReadOnlyList<BufferHandle> b) = (embedded.Buffers, own.Buffers);
        for (int i = 0; i < a.Count; i++)
        {
            string? here = a[i].Bytes > MostBytes ? null : a[i].DType switch
            {
                DType.F32 or DType.F16 => Of(embedded.Read(a[i]), own.Read(b[i])),
                DType.I8 or DType.Q8 => Of(Array.ConvertAll(embedded.Bits(a[i]), value => (int)(sbyte)value), Array.ConvertAll(own.Bits(b[i]), value => (int)(sbyte)value), Steps),
                DType.I32 => Of(embedded.Read<int>(a[i]), own.Read<int>(b[i]), 0),
                _ => null,
            };
            if (here is not null)
            {
                return here;
            }
        }

        return null;
    }

    /// <summary>The same for floats: what is no number in both is no difference.</summary>
    internal static string? Of(float[] embedded, float[] own)
    {
        double largest = 0;
        foreach (float value in embedded)
        {
            largest = float.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
        }

        for (int i = 0; i < embedded.Length; i++)
        {
            if (float.IsFinite(embedded[i]) && !(Math.Abs((double)embedded[i] - own[i]) <= Share * largest))
            {
                return string.Create(CultureInfo.InvariantCulture, $"element {i} of {embedded.Length} is {own[i]} in place of {embedded[i]}");
            }
        }

        return null;
    }

    private static string? Of(int[] embedded, int[] own, int within)
    {
        for (int i = 0; i < embedded.Length; i++)
        {
            if (Math.Abs((long)embedded[i] - own[i]) > within)
            {
                return string.Create(CultureInfo.InvariantCulture, $"element {i} of {embedded.Length} is {own[i]} in place of {embedded[i]}");
            }
        }

        return null;
    }
}
