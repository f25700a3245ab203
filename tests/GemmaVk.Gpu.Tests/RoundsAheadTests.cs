using System;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Products of few rows as GPUs have them, with rounds of weights on their way: no bit depends on how many, nor on the rows beside one.</summary>
public sealed class RoundsAheadTests
{
    private const int N = 5;

    [Theory]
    [InlineData(DType.Q4, true)]
    [InlineData(DType.Q8F16, true)]
    [InlineData(DType.Q6K, true)]
    [InlineData(DType.Q4, false)]
    [InlineData(DType.Q6K, false)]
    [InlineData(DType.BF16, false)]
    [InlineData(DType.F8E4M3, false)]
    [InlineData(DType.F32, false)]
    public void A_row_has_the_same_bits_however_many_rounds_are_ahead(DType format, bool quantised)
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        // A group alone; and more rounds than are ever ahead, the last one not whole for lanes up to eight.
        foreach (int K in (int[])[KBlocks.Has(format) ? 256 : 32, KBlocks.Has(format) ? 1280 : 1312])
        {
            using Rows rows = new(test, format, K, quantised);
            float[] whole = rows.Run(3, ahead: 1);
            Assert.Equal(whole, rows.Run(3, ahead: 4));
            Assert.Equal(whole[..N], rows.Run(1, ahead: 2));
        }
    }

    [Theory]
    [InlineData(DType.Q4)]
    [InlineData(DType.Q5K)]
    public void INT8_rows_have_the_bits_of_the_form_for_software_drivers(DType format)
    {
        using TestBackend test = new(options => options with { AsSoftware = false }), software = new(options => options with { AsSoftware = true });
        using Rows rows = new(test, format, 1280, quantised: true), other = new(software, format, 1280, quantised: true);
        Assert.Equal(other.Run(3), rows.Run(3));
    }

    [Fact]
    public void A_gated_product_has_the_same_bits_in_another_form()
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        const int F = 96, K = 1312;
        using WeightMatrix gate = test.Backend.Place(new SeededMatrix(DType.Q4, F, K)), up = test.Backend.Place(new SeededMatrix(DType.Q4, F, K));
        using BufferHandle gates = test.Backend.Allocate("gate", DType.F32, new Shape(8 * F)), ups = test.Backend.Allocate("up", DType.F32, new Shape(8 * F));
        using Rows rows = new(test, DType.Q4, K, quantised: true);
        Activations y = Rows.Int8(test, 3, F);
        MatVecGeGlu.Args args = new(rows.X, gate, up, gates, ups, y, DType.Q4, 3);
        (string module, uint cols, ProductForm usual, ProductForm[] forms) = test.Backend.FormsOf(new ProductSample(rows.X, gate, gates, 3, Gated: _ => args));
        Assert.StartsWith("mat_vec_ge_glu_q4_", module, StringComparison.Ordinal);
        Assert.Equal(256u, usual.LocalSize);
        float[] expected = Run();
        Assert.Contains(expected, value => value != 0);
        test.Backend.Tuning.Try(module, cols, forms.Single(form => form is { LocalSize: 128, Rows: 2, Ahead: 4 }));
        Assert.Equal(expected, Run());
        Rows.Dispose(y);

        float[] Run()
        {
            test.Run(pass => pass.MatVecGeGlu(args));
            return [.. test.Read(y.Scale!), .. test.Read(y.Sum!)];
        }
    }

    [Fact]
    public void Matrices_of_few_and_of_many_outputs_have_forms_of_their_own()
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        using Rows few = new(test, DType.Q4, 32, quantised: true), many = new(test, DType.Q4, 32, quantised: true, 12288);
        (string narrow, _, ProductForm usual, _) = test.Backend.FormsOf(few.Sample(1));
        (string wide, _, ProductForm other, _) = test.Backend.FormsOf(many.Sample(1));
        Assert.Equal(wide + " narrow", narrow);
        Assert.True(usual.Rows < other.Rows);
    }

    /// <summary>Eight rows, a matrix and room for the result.</summary>
    private sealed class Rows : IDisposable
    {
        private readonly TestBackend test;
        private readonly WeightMatrix matrix;
        private readonly BufferHandle floats;
        private readonly BufferHandle y;

        public Rows(TestBackend test, DType format, int K, bool quantised, int outputs = N)
        {
            this.test = test;
            matrix = test.Backend.Place(quantised ? new SeededMatrix(format, outputs, K) : new RandomMatrix(format, outputs, K, outputs));
            floats = test.Filled<float>(DType.F32, [.. Enumerable.Range(0, 8 * K).Select(i => MathF.Sin(i * 0.7f))]);
            y = test.Backend.Allocate("y", DType.F32, new Shape(8 * outputs));
            X = new Activations(floats);
            if (quantised)
            {
                X = Int8(test, 8, K);
                test.Run(pass => pass.QuantizeRows(new(floats, X, format, 8, K)));
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

        /// <summary>The first T rows of the product, with so many rounds ahead.</summary>
        public float[] Run(int T, uint ahead = 1)
        {
            (string module, uint cols, _, _) = test.Backend.FormsOf(Sample(T));
            test.Backend.Tuning.Try(module, cols, new ProductForm(2, 64, Ahead: ahead));
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
}
