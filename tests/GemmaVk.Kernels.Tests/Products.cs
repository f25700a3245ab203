using System;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
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
    public static void CheckAll(Kernel kernel, int T, int N, int columns, ProductKind kind, int seed)
    {
        int K = OperandBuffers.Whole(kind.Format, columns);
        RandomMatrix matrix = new(kind.Format, N, K, seed);
        float[] x = DrawnValues.Of(T * K, seed + 1);
        ExpectedProduct expected = ExpectedProduct.Of(matrix, x, T, kind.Quantised);
        Backends.Each(backend =>
        {
            Tolerance tolerance = kernel == Mul ? Tolerances.ProductOn(Backends.Get(backend), kind.Format, kind.Quantised) : expected.Tolerance;
            (expected with { Tolerance = tolerance }).Check(kernel(backend, matrix, x, T, kind.Quantised), $"{kind}");
        });
    }

    /// <summary>Compares parts of the rows alone with the same rows among all, bit for bit.</summary>
    public static void CheckRowsAlone(Kernel kernel, int N, int columns, ProductKind kind, int seed, int T, params (int First, int Count)[] parts)
    {
        int K = OperandBuffers.Whole(kind.Format, columns);
        RandomMatrix matrix = new(kind.Format, N, K, seed);
        float[] x = DrawnValues.Of(T * K, seed + 1);
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

/// <summary>Holds a result against what it should be.</summary>
internal static class ExpectedProducts
{
    public static void Check(this ExpectedProduct expected, float[] actual, string what) =>
        Comparison.Close(expected.Values, actual, expected.Tolerance, what, expected.Sizes);
}
