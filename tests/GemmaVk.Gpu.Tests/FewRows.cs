using System;
using System.Linq;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Tests;

// Letters: T rows, N outputs, K columns.

/// <summary>Eight rows, a matrix and room for the result: products of few rows in a form that the test chooses.</summary>
internal sealed class FewRows : IDisposable
{
    private readonly TestBackend test;
    private readonly WeightMatrix matrix;
    private readonly BufferHandle floats;
    private readonly BufferHandle y;

    public FewRows(TestBackend test, DType format, int N, int K, bool quantised)
        : this(test, quantised ? new SeededMatrix(format, N, K) : new RandomMatrix(format, N, K, N), [.. Enumerable.Range(0, 8 * K).Select(i => MathF.Sin(i * 0.7f))], quantised)
    {
    }

    public FewRows(TestBackend test, MatrixSource weights, float[] x, bool quantised)
    {
        this.test = test;
        int K = weights.Columns;
        matrix = test.Backend.Place(weights);
        floats = test.Filled<float>(DType.F32, x);
        y = test.Backend.Allocate("y", DType.F32, new Shape(8 * weights.Rows));
        X = new Activations(floats);
        if (quantised)
        {
            X = Int8(test, 8, K);
            test.Run(pass => pass.QuantizeRows(new(floats, X, weights.Format, 8, K)));
        }
    }

    public Activations X { get; }

    public static Activations Int8(TestBackend test, int T, int K) => new(
        test.Backend.Allocate("rows", DType.I8, new Shape(T, K)), test.Backend.Allocate("scale", DType.F32, new Shape(T, K / 32)), test.Backend.Allocate("sum", DType.F32, new Shape(T, K / 32)));

    public static void Dispose(Activations rows)
    {
        rows.Data.Dispose();
        rows.Scale?.Dispose();
        rows.Sum?.Dispose();
    }

    public ProductSample Sample(int T) => new(X, matrix, y, T);

    /// <summary>The first T rows of the product in a form, or in the usual one.</summary>
    public float[] Run(int T, ProductForm? form = null)
    {
        (string module, uint cols, _, _) = test.Backend.FormsOf(Sample(T));
        test.Backend.Tuning.Try(module, cols, form);
        test.Run(pass => pass.MatVec(new(X, matrix, y, T)));
        test.Backend.Tuning.Try(module, cols, null);
        return test.Read(y)[..(T * matrix.N)];
    }

    public void Dispose()
    {
        if (X.Quantised)
            Dispose(X);
        floats.Dispose();
        matrix.Dispose();
        y.Dispose();
    }
}
