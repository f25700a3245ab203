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
    // So many outputs keep a GPU busy.
    private const int Many = 12288;

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
            using FewRows rows = new(test, format, N, K, quantised);
            float[] whole = rows.Run(3, new(2, 64, Ahead: 1));
            Assert.Equal(whole, rows.Run(3, new(2, 64, Ahead: 4)));
            Assert.Equal(whole[..N], rows.Run(1, new(2, 64, Ahead: 2)));
        }
    }

    [Theory]
    [InlineData(DType.Q4)]
    [InlineData(DType.Q5K)]
    public void INT8_rows_have_the_bits_of_the_form_for_software_drivers_where_outputs_are_many(DType format)
    {
        using TestBackend test = new(options => options with { AsSoftware = false }), software = new(options => options with { AsSoftware = true });
        using FewRows rows = new(test, format, Many, 1280, quantised: true), other = new(software, format, Many, 1280, quantised: true);
        Assert.Equal(other.Run(3), rows.Run(3));
    }

    [Fact]
    public void A_gated_product_has_the_same_bits_in_another_form()
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        const int F = 96, K = 1312;
        using WeightMatrix gate = test.Backend.Place(new SeededMatrix(DType.Q4, F, K)), up = test.Backend.Place(new SeededMatrix(DType.Q4, F, K));
        using BufferHandle gates = test.Backend.Allocate("gate", DType.F32, new Shape(8 * F)), ups = test.Backend.Allocate("up", DType.F32, new Shape(8 * F));
        using FewRows rows = new(test, DType.Q4, N, K, quantised: true);
        Activations y = FewRows.Int8(test, 3, F);
        MatVecGeGlu.Args args = new(rows.X, gate, up, gates, ups, y, DType.Q4, 3);
        (string module, uint cols, ProductForm usual, ProductForm[] forms) = test.Backend.FormsOf(new ProductSample(rows.X, gate, gates, 3, Gated: _ => args));
        Assert.StartsWith("mat_vec_ge_glu_q4_", module, StringComparison.Ordinal);
        Assert.Equal(256u, usual.LocalSize);
        float[] expected = Run();
        Assert.Contains(expected, value => value != 0);
        test.Backend.Tuning.Try(module, cols, forms.Single(form => form is { LocalSize: 128, Rows: 2, Ahead: 4 }));
        Assert.Equal(expected, Run());
        FewRows.Dispose(y);

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
        using FewRows few = new(test, DType.Q4, N, 32, quantised: true), many = new(test, DType.Q4, Many, 32, quantised: true);
        (string narrow, _, ProductForm usual, _) = test.Backend.FormsOf(few.Sample(1));
        (string wide, _, ProductForm other, _) = test.Backend.FormsOf(many.Sample(1));
        Assert.Equal(wide + " narrow", narrow);
        Assert.True(usual.Rows < other.Rows);
    }
}
