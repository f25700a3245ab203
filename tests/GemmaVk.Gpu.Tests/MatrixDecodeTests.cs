using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Attention of few rows on matrix units, on drivers that have some: the bounds of the table, and the same bits for a row in any company.</summary>
public sealed class MatrixDecodeTests
{
    [MatrixTheory]
    [InlineData(DType.F16, false)]
    [InlineData(DType.F16, true)]
    [InlineData(DType.Q8, false)]
    [InlineData(DType.Q8, true)]
    public void Few_rows_are_within_their_bound_and_a_row_keeps_its_bits(DType format, bool valuesOnly)
    {
        using TestBackend units = TestBackend.AsGpu(options => options with { Timing = true });
        Assert.Equal("attention_decode_f16_matrix", units.Backend.Variants.Single(variant => variant.Kernel == nameof(AttentionDecode)).Variant);
        string module = $"attention_decode_{(format == DType.F16 ? "f16" : "q8")}{(valuesOnly ? "_values" : "")}_matrix";
        // One key, one block and its edges, many parts and their runs, heads that share nothing, three heads in a tile, a window that wraps.
        foreach ((int T, int H, int K, int W, int start, int window) in ((int, int, int, int, int, int)[])[
            (1, 2, 1, 32, 0, 0), (2, 6, 2, 32, 63, 0), (8, 16, 8, 64, 700, valuesOnly ? 0 : 256), (3, 16, 1, 512, 1300, 0), (5, 4, 4, 96, 31, valuesOnly ? 0 : 1)])
        {
            AttentionCase each = AttentionCase.Draw(T, H, K, W, (window == 0 ? start : Math.Min(start, window)) + T + 31, start, window, format, T + W, valuesOnly);
            float[] expected = each.Expected();
            float[] whole = units.Attention(each, decode: true);
            Assert.Equal(module, units.Backend.LastRun.Single(span => span.Call.Kernel == nameof(AttentionDecode)).Module);
            Discrepancy found = Discrepancy.Of(expected, whole, Tolerances.AttentionOn(units.Backend, format, decode: true, valuesOnly), [8]);
            Assert.True(found.Holds, $"{each}: {found}");
            for (int t = 0; t < T && T > 1; t++)
                Assert.Equal(whole[(t * H * W)..((t + 1) * H * W)], units.Attention(each.Rows(t, 1), decode: true));
        }
    }
}
