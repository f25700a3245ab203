using System;
using FsCheck;
using FsCheck.Fluent;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Tests;

/// <summary>What the tests of MatVec and MatMul share.</summary>
internal static class Products
{
    /// <summary>Weight formats with the activations they take.</summary>
    public static Gen<(DType Format, bool Quantised)> Kinds { get; } = Gen.Elements(
        (DType.Q4, true), (DType.Q8, true), (DType.Q4, false), (DType.Q8, false), (DType.F8E4M3, false), (DType.BF16, false), (DType.F32, false));

    public static float[] Vec(string backend, RandomMatrix matrix, float[] x, int T, bool quantised, int first = 0) =>
        Run(backend, matrix, x, T, quantised, (pass, rows, w, y) => pass.MatVec(new(rows, w, y, T, first)));

    public static float[] Mul(string backend, RandomMatrix matrix, float[] x, int T, bool quantised) =>
        Run(backend, matrix, x, T, quantised, (pass, rows, w, y) => pass.MatMul(new(rows, w, y, T)));

    /// <summary>Compares with the reference, by the size of the terms.</summary>
    public static void Check(RandomMatrix matrix, float[] x, int T, bool quantised, float[] actual, string what)
    {
        (DType format, int N, int K) = (matrix.Format, matrix.Rows, matrix.Columns);
        float[] expected = new float[T * N];
        if (quantised)
        {
            (sbyte[] q, float[] d, _) = KernelSession.Quantise(x, format, T, K);
            MatVec.ReferenceQuantised(q, d, format, matrix.Data, matrix.Scales, expected, T, N, K);
        }
        else
        {
            MatVec.Reference(x, format, matrix.Data, matrix.Scales, expected, T, N, K);
        }

        Comparison.Close(expected, actual, Tolerances.Product(format, quantised), what, Sizes(matrix, x, T));
    }

    /// <summary>Sum of |x w| per result, with at least one for rows of zeros.</summary>
    public static float[] Sizes(RandomMatrix matrix, float[] x, int T)
    {
        float[] sizes = new float[T * matrix.Rows];
        for (int n = 0; n < matrix.Rows; n++)
        {
            for (int k = 0; k < matrix.Columns; k++)
            {
                float w = Math.Abs(QuantBlocks.Value(matrix.Format, matrix.Data, matrix.Scales, matrix.Columns, n, k));
                for (int t = 0; t < T; t++)
                {
                    sizes[(t * matrix.Rows) + n] += w * Math.Abs(x[(t * matrix.Columns) + k]);
                }
            }
        }

        return sizes;
    }

    private static float[] Run(
        string backend, RandomMatrix matrix, float[] x, int T, bool quantised, Action<IPass, Activations, WeightMatrix, BufferHandle> kernel)
    {
        using KernelSession session = new(backend);
        WeightMatrix w = session.Place(matrix);
        Activations rows = session.Rows(x, quantised, matrix.Format, x.Length / matrix.Columns, matrix.Columns);
        BufferHandle y = session.Empty(DType.F32, T * matrix.Rows);
        session.Run(pass => kernel(pass, rows, w, y));
        return session.Read(y);
    }
}
