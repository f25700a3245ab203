using System;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Tests;

/// <summary>What the tests of MatVec and MatMul share.</summary>
internal static class Products
{
    /// <summary>One of the two kernels: backend, matrix, rows, their count, whether they are INT8, and the first one.</summary>
    public delegate float[] Kernel(string backend, RandomMatrix matrix, float[] x, int T, bool quantised, int first = 0);

    public static float[] Vec(string backend, RandomMatrix matrix, float[] x, int T, bool quantised, int first = 0) =>
        Run(backend, matrix, x, T, quantised, (pass, rows, w, y) => pass.MatVec(new(rows, w, y, T, first)));

    public static float[] Mul(string backend, RandomMatrix matrix, float[] x, int T, bool quantised, int first = 0) =>
        Run(backend, matrix, x, T, quantised, (pass, rows, w, y) => pass.MatMul(new(rows, w, y, T)));

    /// <summary>Compares every backend with the reference.</summary>
    public static void CheckAll(Kernel kernel, int T, int N, int K, ProductKind kind, int seed)
    {
        RandomMatrix matrix = new(kind.Format, N, K, seed);
        float[] x = Shapes.Values(T * K, seed + 1);
        ExpectedProduct expected = Expected(matrix, x, T, kind.Quantised);
        Backends.Each(backend => expected.Check(kernel(backend, matrix, x, T, kind.Quantised), $"{kind}"));
    }

    /// <summary>Compares parts of the rows alone with the same rows among all, bit for bit.</summary>
    public static void CheckRowsAlone(Kernel kernel, int N, int K, ProductKind kind, int seed, int T, params (int First, int Count)[] parts)
    {
        RandomMatrix matrix = new(kind.Format, N, K, seed);
        float[] x = Shapes.Values(T * K, seed + 1);
        Backends.Each(backend =>
        {
            float[] all = kernel(backend, matrix, x, T, kind.Quantised);
            foreach ((int first, int count) in parts)
            {
                float[] alone = kernel(backend, matrix, x.AsSpan(first * K, count * K).ToArray(), count, kind.Quantised);
                Comparison.Same(all.AsSpan(first * N, count * N), alone, $"{count} rows from {first}");
            }
        });
    }

    /// <summary>What the reference makes of a product, with the size of the terms.</summary>
    public static ExpectedProduct Expected(RandomMatrix matrix, float[] x, int T, bool quantised)
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

        return new ExpectedProduct(expected, Sizes(matrix, x, T), Tolerances.Product(format, quantised));
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

/// <summary>What a product should be, within what is allowed.</summary>
internal sealed record ExpectedProduct(float[] Values, float[] Sizes, Tolerance Tolerance)
{
    public void Check(float[] actual, string what) => Comparison.Close(Values, actual, Tolerance, what, Sizes);
}
