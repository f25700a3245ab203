using System;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Tests;

// Letters: T rows, N outputs, K columns.

/// <summary>A product of drawn rows with a drawn matrix.</summary>
/// <param name="Matrix">[N, K].</param>
/// <param name="X">[T, K].</param>
/// <param name="T">Rows.</param>
/// <param name="Quantised">Whether they come as INT8.</param>
internal sealed record ProductCase(RandomMatrix Matrix, float[] X, int T, bool Quantised)
{
    /// <summary>Draws one, of at least so many columns: as many as whole groups or blocks of the format have.</summary>
    public static ProductCase Draw(DType format, int T, int N, int columns, bool quantised)
    {
        int K = OperandBuffers.Whole(format, columns);
        return new ProductCase(new RandomMatrix(format, N, K, T), DrawnValues.Of(T * K, T + 1), T, quantised);
    }

    /// <summary>What it should give, and how near to it.</summary>
    public ExpectedProduct Expected => ExpectedProduct.Of(Matrix, X, T, Quantised);

    /// <summary>With rows far from one in size, one of zeros, and one whose numbers, by column, are far from each other.</summary>
    public ProductCase Uneven(Func<int, int> exponent)
    {
        int K = Matrix.Columns;
        float[] x = new float[X.Length];
        for (int i = 0; i < x.Length; i++)
            x[i] = X[i] * (i / K) switch { 1 => 1e20f, 2 => 1e-20f, 3 => 0, 4 => MathF.Pow(10, exponent(i % K)), _ => 1 };
        return this with { X = x };
    }

    /// <summary>Some of its rows alone.</summary>
    public ProductCase Rows(int first, int count) => this with { X = X[(first * Matrix.Columns)..((first + count) * Matrix.Columns)], T = count };

    /// <summary>The result on a backend, [T, N].</summary>
    public float[] On(TestBackend test)
    {
        using OperandBuffers buffers = new(test.Backend);
        WeightMatrix w = buffers.Place(Matrix);
        Activations rows = buffers.Rows(X, Quantised, Matrix.Format, T, Matrix.Columns);
        BufferHandle y = buffers.Empty(DType.F32, T * Matrix.Rows);
        buffers.Run(pass => pass.MatMul(new(rows, w, y, T)));
        return buffers.Read(y);
    }
}
