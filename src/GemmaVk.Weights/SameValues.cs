using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

// Letters: N rows, K columns.

/// <summary>Whether two stored tensors hold the same numbers, whatever their types: equal in the narrower one of the two.</summary>
internal static class SameValues
{
    // Small tensors are compared whole; of the 12B's embedding 256 rows tell another matrix without gigabytes being read.
    private const long WholeBytes = 32L << 20;
    private const int ComparedRows = 256;

    /// <summary>Compares plain tensors of one shape.</summary>
    /// <param name="a">One tensor with its file.</param>
    /// <param name="b">The other.</param>
    /// <param name="whole">All rows, however many.</param>
    public static bool Of((TensorFile File, FileTensor Tensor) a, (TensorFile File, FileTensor Tensor) b, bool whole = false)
    {
        if (!a.Tensor.Extents.AsSame(b.Tensor.Extents))
        {
            return false;
        }

        bool bytes = a.Tensor.DType == b.Tensor.DType;
        if (!bytes && !(IsPlain(a.Tensor.DType) && IsPlain(b.Tensor.DType)))
        {
            return false;
        }

        long N = a.Tensor.Extents.Count == 0 ? 1 : a.Tensor.Extents[0];
        if (N == 0 || a.Tensor.ByteLength == 0)
        {
            return true;
        }

        int rowA = checked((int)(a.Tensor.ByteLength / N)), rowB = checked((int)(b.Tensor.ByteLength / N));
        foreach (long row in Rows(N, whole || a.Tensor.ByteLength <= WholeBytes))
        {
            ReadOnlySpan<byte> left = a.File.Bytes(a.Tensor, row * rowA, rowA), right = b.File.Bytes(b.Tensor, row * rowB, rowB);
            if (bytes ? !left.SequenceEqual(right) : !Equal(a.Tensor.DType, left, b.Tensor.DType, right))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a quantised matrix is a copy of a plain one: no element further off than rounding takes it. Packed integers have one scale per
    /// group of columns, FP8 one per row or one in all.
    /// </summary>
    public static bool IsRounded(
        (TensorFile File, FileTensor Tensor) quantised, (TensorFile File, FileTensor Tensor) scale,
        (TensorFile File, FileTensor Tensor) plain)
    {
        long N = plain.Tensor.Extents[0], K = plain.Tensor.Extents[1];
        bool packed = quantised.Tensor.DType == "I32";
        long bits = packed ? quantised.Tensor.ByteLength * 8 / (N * K) : 8;
        long scaleBytes = SafetensorsTypes.Bytes(scale.Tensor.DType);
        long scales = IsPlain(scale.Tensor.DType) ? scale.Tensor.ByteLength / scaleBytes : 0;
        long perRow = scales / N;
        bool one = scales == 1;
        bool known = quantised.Tensor.Extents.Count == 2 && quantised.Tensor.Extents[0] == N && (one || (scales % N == 0 && perRow > 0 && K % perRow == 0))
            && (packed ? bits is 4 or 8 && K % (32 / bits) == 0 && quantised.Tensor.ByteLength == N * K * bits / 8 : quantised.Tensor.DType == "F8_E4M3" && quantised.Tensor.Extents[1] == K);
        if (!known)
        {
            return false;
        }

        int rowBytes = (int)(K * bits / 8), plainBytes = (int)(plain.Tensor.ByteLength / N), scaleRow = (int)((one ? 1 : perRow) * scaleBytes);
        foreach (long row in Rows(N, plain.Tensor.ByteLength <= WholeBytes))
        {
            ReadOnlySpan<byte> q = quantised.File.Bytes(quantised.Tensor, row * rowBytes, rowBytes);
            ReadOnlySpan<byte> s = scale.File.Bytes(scale.Tensor, one ? 0 : row * scaleRow, scaleRow);
            ReadOnlySpan<byte> p = plain.File.Bytes(plain.Tensor, row * plainBytes, plainBytes);
            for (int k = 0; k < K; k++)
            {
                float step = Value(scale.Tensor.DType, s, one ? 0 : (int)(k / (K / perRow)));
                float expected = Value(plain.Tensor.DType, p, k);
                float value = step * (!packed ? Float8.ToSingle(q[k]) : bits == 8 ? q[k] - 128 : ((q[k / 2] >> (4 * (k & 1))) & 15) - 8);
                float room = packed ? Math.Abs(step) * 1.02f : (Math.Abs(expected) * 0.07f) + (Math.Abs(step) * 0.002f);
                if (!(Math.Abs(value - expected) <= room))
                {
                    return false;
                }
            }
        }

        return true;
    }

    public static bool IsPlain(string dtype) => dtype is "BF16" or "F16" or "F32";

    private static bool AsSame(this IReadOnlyList<long> a, IReadOnlyList<long> b) =>
        Enumerable.SequenceEqual(a, b);

    private static IEnumerable<long> Rows(long N, bool whole)
    {
        long count = whole || N <= ComparedRows ? N : ComparedRows;
        for (long i = 0; i < count; i++)
        {
            yield return count == N ? i : (N - 1) * i / (count - 1);
        }
    }

    private static bool Equal(string typeA, ReadOnlySpan<byte> a, string typeB, ReadOnlySpan<byte> b)
    {
        bool brain = typeA == "BF16" || typeB == "BF16", half = typeA == "F16" || typeB == "F16";
        int count = a.Length / SafetensorsTypes.Bytes(typeA);
        for (int i = 0; i < count; i++)
        {
            float x = Value(typeA, a, i), y = Value(typeB, b, i);
            bool same = (brain && BFloat16.FromSingle(x) == BFloat16.FromSingle(y)) || (half && BitConverter.HalfToUInt16Bits((Half)x) == BitConverter.HalfToUInt16Bits((Half)y));
            if (!same && x != y)
            {
                return false;
            }
        }

        return true;
    }

    private static float Value(string dtype, ReadOnlySpan<byte> bytes, int i) => dtype switch
    {
        "BF16" => BFloat16.ToSingle(MemoryMarshal.Read<ushort>(bytes[(2 * i)..])),
        "F16" => (float)MemoryMarshal.Read<Half>(bytes[(2 * i)..]),
        _ => MemoryMarshal.Read<float>(bytes[(4 * i)..]),
    };
}
