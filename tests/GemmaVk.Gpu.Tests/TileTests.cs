using System;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Products through tiles in shared memory: a row has the same bits whatever the tile, the rows beside it, and the way bytes are multiplied.</summary>
public sealed class TileTests
{
    [Theory]
    [ClassData(typeof(GroupedFormats))]
    public void A_rows_bits_depend_on_nothing_beside_it(DType format)
    {
        using TestBackend dot = new(options => options with { AsSoftware = false, Matrices = false }, integerDot: true);
        using TestBackend plain = new(options => options with { AsSoftware = false, Matrices = false }, integerDot: false);
        using TestBackend software = new(options => options with { AsSoftware = true });
        Assert.Equal(("mat_mul_q4_tile_dot4", "mat_mul_q4_tile_i8", "mat_mul_q4_i8"), (Module(dot), Module(plain), Module(software)));
        foreach ((int N, int K) in ((int, int)[])[(1, 32), (5, 96), (64, 256), (100, 544), (129, 1024)])
        {
            if (KBlocks.Has(format) && K % KBlocks.Columns != 0)
                continue;
            ProductCase each = ProductCase.Draw(format, 130, N, K, quantised: true);
            float[] whole = each.On(dot);
            Assert.Equal(whole, each.On(plain));
            foreach (int T in (int[])[9, 16, 17, 32, 33, 64, 65])
                Assert.Equal(whole[..(T * N)], each.Rows(0, T).On(dot));
            float[] other = each.On(software);
            float largest = whole.Max(Math.Abs);
            Assert.All(whole.Zip(other), pair => Assert.InRange(pair.First - pair.Second, -1e-5f * largest, 1e-5f * largest));
        }
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F8E4M3)]
    [InlineData(DType.Q4)]
    [InlineData(DType.Q6K)]
    public void Rows_of_floats_go_through_tiles_too(DType format)
    {
        using TestBackend tiles = new(options => options with { AsSoftware = false, Matrices = false, Timing = true });
        using TestBackend software = new(options => options with { AsSoftware = true });
        foreach ((int N, int K) in ((int, int)[])[(5, 96), (129, 256)])
        {
            if (KBlocks.Has(format) && K % KBlocks.Columns != 0)
                continue;
            ProductCase each = ProductCase.Draw(format, 70, N, K, quantised: false);
            float[] whole = each.On(tiles);
            Assert.Equal($"mat_mul_{Formats.Suffix(format)}_tile", tiles.Backend.LastRun.Single(span => span.Call.Kernel == nameof(MatMul)).Module);
            foreach (int T in (int[])[9, 17, 33])
                Assert.Equal(whole[..(T * N)], each.Rows(0, T).On(tiles));
            float largest = whole.Max(Math.Abs);
            Assert.All(whole.Zip(each.On(software)), pair => Assert.InRange(pair.First - pair.Second, -1e-5f * largest, 1e-5f * largest));
        }
    }

    private static string Module(TestBackend test) => test.Backend.Variants.Single(variant => variant.Kernel == nameof(MatMul)).Variant;
}
