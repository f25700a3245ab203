using System;
using System.Linq;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>
/// Kernels on matrix units, on drivers that have some: the bits of the other forms where integers are multiplied, the bounds of the table elsewhere, and the
/// same bits for a row in every form and company.
/// </summary>
public sealed class MatrixTests
{
    [MatrixTheory]
    [ClassData(typeof(GroupedFormats))]
    public void Bytes_give_the_bits_of_tiles_without_matrix_units(DType format)
    {
        // A device whose units multiply bytes alone.
        using TestBackend units = TestBackend.AsGpu(options => options with { Pretend = PretendedLacks.Parse("no-float16") }), plain = TestBackend.AsGpu(options => options with { Matrices = false });
        Assert.Contains(units.Backend.Variants, variant => variant.Variant == "mat_mul_q4_matrix_i8");
        // Two groups of the last pair are missing one; rows and columns end within a block.
        const int N = 33;
        ProductCase each = ProductCase.Draw(format, 40, N, 288, quantised: true);
        float[] expected = each.On(plain);
        ExpectedProduct reference = each.Expected;
        Assert.True(Discrepancy.Of(reference.Values, expected, reference.Tolerance, reference.Sizes).Holds);
        Assert.Equal(expected, each.On(units));
        Assert.Equal(expected[..(9 * N)], each.Rows(0, 9).On(units));
    }

    [MatrixTheory]
    [ClassData(typeof(GroupedFormats))]
    public void Bytes_as_halves_are_within_their_bound_and_a_row_keeps_its_bits(DType format)
    {
        using TestBackend units = TestBackend.AsGpu();
        Assert.True(units.Backend.MultipliesInHalves);
        Assert.Contains(units.Backend.Variants, variant => variant.Variant == "mat_mul_q4_matrix_f16_i8");
        double worst = 0;
        foreach ((int T, int N, int columns) in ((int, int, int)[])[(9, 1, 32), (17, 33, 288), (40, 68, 96), (75, 70, 160), (34, 48, 32)])
        {
            // One row's groups are far from each other.
            ProductCase each = ProductCase.Draw(format, T, N, columns, quantised: true).Uneven(k => (k / 32 % 5) - 2);
            ExpectedProduct reference = each.Expected;
            float[] whole = each.On(units);
            Discrepancy found = Discrepancy.Of(reference.Values, whole, Tolerances.ProductInHalves, reference.Sizes);
            Assert.True(found.Holds, $"{format}, {T} x {N} x {each.Matrix.Columns}: {found}");
            double[] errors = [.. whole.Select((value, i) => reference.Sizes[i] == 0 ? 0 : Math.Abs((double)value - reference.Values[i]) / reference.Sizes[i])];
            // Rounding is far less on average than at worst; a column that is missed is not.
            Assert.InRange(errors.Average(), 0, 3e-4);
            worst = Math.Max(worst, errors.Max());
            Assert.Equal(whole[..(9 * N)], each.Rows(0, 9).On(units));
        }

        // Halves were used: bytes are right to a hundred times more.
        Assert.InRange(worst, 2e-5, 1);
    }

    [MatrixTheory]
    [InlineData(DType.Q4, true, 20)]
    [InlineData(DType.Q6K, true, 70)]
    [InlineData(DType.BF16, false, 20)]
    public void Every_form_gives_the_same_bits(DType format, bool quantised, int T)
    {
        using TestBackend units = TestBackend.AsGpu();
        ProductCase each = ProductCase.Draw(format, T, 70, 96, quantised);
        float[] usual = each.On(units);
        using OperandBuffers buffers = new(units.Backend);
        WeightMatrix w = buffers.Place(each.Matrix);
        Activations rows = buffers.Rows(each.X, quantised, format, T, each.Matrix.Columns);
        BufferHandle y = buffers.Empty(DType.F32, usual.Length);
        (string module, uint cols, _, ProductForm[] forms) = units.Backend.FormsOf(new ProductSample(rows, w, y, T));
        Assert.True(forms.Length >= 2);
        // Two halves of a float row leave no room for four groups at once.
        Assert.Equal(quantised, forms.Select(form => form.Deep).Distinct().Count() >= 2);
        foreach (ProductForm form in forms)
        {
            units.Backend.Tuning.Try(module, cols, form);
            buffers.Run(pass => pass.MatMul(new(rows, w, y, T)));
            Assert.Equal(usual, buffers.Read(y));
        }
    }

    [MatrixTheory]
    [InlineData(DType.BF16)]
    [InlineData(DType.F8E4M3)]
    public void Floats_are_as_right_as_without_matrix_units(DType format)
    {
        using TestBackend units = TestBackend.AsGpu();
        // Blocks at an edge in all of a tile's subgroups, and in some beside whole ones.
        foreach ((int T, int N, int columns) in ((int, int, int)[])[(40, 33, 288), (34, 48, 32)])
        {
            ProductCase each = ProductCase.Draw(format, T, N, columns, quantised: false).Uneven(k => (k % 13) - 6);
            ExpectedProduct reference = each.Expected;
            float[] whole = each.On(units);
            Discrepancy found = Discrepancy.Of(reference.Values, whole, reference.Tolerance, reference.Sizes);
            Assert.True(found.Holds, $"{format}, {T} x {N}: {found}");
            Assert.Equal(whole[(2 * N)..(11 * N)], each.Rows(2, 9).On(units));
        }
    }

    [MatrixTheory]
    [InlineData(DType.F16, false)]
    [InlineData(DType.F16, true)]
    [InlineData(DType.Q8, false)]
    [InlineData(DType.Q8, true)]
    public void Attention_is_within_its_bound_and_a_row_keeps_its_bits(DType format, bool valuesOnly)
    {
        using TestBackend units = TestBackend.AsGpu();
        Assert.True(units.Backend.AttendsInHalves);
        double worst = 0;
        foreach ((int T, int H, int K, int W, int start, int window) in ((int, int, int, int, int, int)[])[
            (13, 4, 2, 64, 100, valuesOnly ? 0 : 64), valuesOnly ? (17, 2, 1, 512, 90, 0) : (33, 4, 2, 256, 63, 50), (20, 2, 2, 96, 5, valuesOnly ? 0 : 1)])
        {
            foreach (int seed in (int[])[1, 2, 3])
            {
                AttentionCase each = AttentionCase.Draw(T, H, K, W, (window == 0 ? start : Math.Min(start, window)) + T + 8, start, window, format, seed, valuesOnly);
                float[] expected = each.Expected();
                float[] whole = units.Attention(each, decode: false);
                Discrepancy found = Discrepancy.Of(expected, whole, Tolerances.AttentionInHalves, [8]);
                Assert.True(found.Holds, $"{each}: {found}");
                double[] errors = [.. expected.Zip(whole, (a, b) => Math.Abs((double)a - b))];
                // Rounding is far less on average than at worst; a key that is missed is not.
                Assert.InRange(errors.Average(), 0, 5e-4);
                worst = Math.Max(worst, errors.Max());
                Assert.Equal(whole[(3 * H * W)..(9 * H * W)], units.Attention(each.Rows(3, 6), decode: false));
            }
        }

        // Halves were used: the other form is right to a hundred times more.
        Assert.InRange(worst, 1e-4, 1);
    }

    [MatrixTheory]
    [InlineData("16x64x8")]
    [InlineData("32x32x8")]
    public void Attention_is_right_in_every_form(string text)
    {
        using TestBackend units = TestBackend.AsGpu(options => options with { Attention = MatrixAttentionForm.Parse(text) });
        // The last one wraps within a block.
        foreach ((bool valuesOnly, int T, int W, int start, int window, int R) in ((bool, int, int, int, int, int)[])[
            (true, 18, 96, 100, 0, 140), (false, 70, 32, 40, 20, 90)])
        {
            AttentionCase each = AttentionCase.Draw(T, 2, 1, W, R, start, window, valuesOnly ? DType.Q8 : DType.F16, T, valuesOnly);
            Discrepancy found = Discrepancy.Of(each.Expected(), units.Attention(each, decode: false), Tolerances.AttentionInHalves, [8]);
            Assert.True(found.Holds, $"{each}: {found}");
        }
    }

    [MatrixFact]
    public void Measuring_knows_the_units_and_a_driver_that_hides_them_does_without()
    {
        using TestBackend units = TestBackend.AsGpu();
        DevicePeaks peaks = units.Backend.MeasurePeaks();
        Assert.InRange(peaks.MatrixF16!.Value, 1e7, 1e16);
        Assert.InRange(peaks.MatrixInt8!.Value, 1e7, 1e16);
        using TestBackend hidden = TestBackend.AsGpu(options => options with { Pretend = PretendedLacks.Parse("no-matrices") });
        Assert.DoesNotContain(hidden.Backend.Variants, variant => variant.Variant.Contains("_matrix", StringComparison.Ordinal));
        Assert.Null(hidden.Backend.MeasurePeaks().MatrixInt8);
        // A software driver is slower with them, and runs without unless asked.
        using TestBackend usual = new();
        Assert.DoesNotContain(usual.Backend.Variants, variant => variant.Variant.Contains("_matrix", StringComparison.Ordinal));
    }
}
