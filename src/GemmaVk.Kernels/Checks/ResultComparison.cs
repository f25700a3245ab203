using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>
/// What two kernels left in operands that were made alike. At the shapes of a large model a scalar reference would take minutes, and the kernel that comes with the
/// program stands for it; sums in another order are no difference.
/// </summary>
public static class ResultComparison
{
    /// <summary>Buffers above this are not compared: a cache at great depth is read by these kernels, and written in other shapes.</summary>
    public const long MostBytes = 64 << 20;

    // Of the largest value of a buffer, and in steps of INT8: rounding that falls the other way moves a value by one.
    private const double Share = 0.02;
    private const int Steps = 2;

    /// <summary>The first difference in words, or null.</summary>
    public static string? Of(OperandBuffers embedded, OperandBuffers own)
    {
        ArgumentNullException.ThrowIfNull(embedded);
        ArgumentNullException.ThrowIfNull(own);
        (IReadOnlyList<BufferHandle> a, IReadOnlyList<BufferHandle> b) = (embedded.Buffers, own.Buffers);
        for (int i = 0; i < a.Count; i++)
        {
            if (a[i].Bytes <= MostBytes && Of(a[i].DType, embedded.Bits(a[i]), own.Bits(b[i])) is { } here)
            {
                return here;
            }
        }

        return null;
    }

    /// <summary>The same for the bytes of one buffer; there is none where its type is not looked at.</summary>
    public static string? Of(DType type, ReadOnlySpan<byte> embedded, ReadOnlySpan<byte> own) => embedded.SequenceEqual(own) ? null : type switch
    {
        DType.F32 => Of(MemoryMarshal.Cast<byte, float>(embedded), MemoryMarshal.Cast<byte, float>(own)),
        DType.F16 => Of(Widened(embedded), Widened(own)),
        DType.I8 or DType.Q8 => Of(Integers(embedded), Integers(own), Steps),
        DType.I32 => Of(MemoryMarshal.Cast<byte, int>(embedded), MemoryMarshal.Cast<byte, int>(own), 0),
        _ => null,
    };

    /// <summary>The same for floats: what is no number in the embedded kernel's is no difference.</summary>
    public static string? Of(ReadOnlySpan<float> embedded, ReadOnlySpan<float> own)
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

    private static string? Of(ReadOnlySpan<int> embedded, ReadOnlySpan<int> own, int within)
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

    private static float[] Widened(ReadOnlySpan<byte> bits)
    {
        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bits);
        float[] wide = new float[halves.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = (float)halves[i];
        }

        return wide;
    }

    private static int[] Integers(ReadOnlySpan<byte> bits)
    {
        int[] wide = new int[bits.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = (sbyte)bits[i];
        }

        return wide;
    }
}
