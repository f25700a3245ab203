using System;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
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
            float[] whole = Run(dot, format, 130, N, K);
            Assert.Equal(whole, Run(plain, format, 130, N, K));
            foreach (int T in (int[])[9, 16, 17, 32, 33, 64, 65])
                Assert.Equal(whole[..(T * N)], Run(dot, format, T, N, K));
            float[] other = Run(software, format, 130, N, K);
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
            float[] whole = Run(tiles, format, 70, N, K, quantised: false);
            Assert.Equal($"mat_mul_{Formats.Suffix(format)}_tile", tiles.Backend.LastRun.Single(span => span.Call.Kernel == nameof(MatMul)).Module);
            foreach (int T in (int[])[9, 17, 33])
                Assert.Equal(whole[..(T * N)], Run(tiles, format, T, N, K, quantised: false));
            float largest = whole.Max(Math.Abs);
            Assert.All(whole.Zip(Run(software, format, 70, N, K, quantised: false)), pair => Assert.InRange(pair.First - pair.Second, -1e-5f * largest, 1e-5f * largest));
        }
    }

    private static string Module(TestBackend test) => test.Backend.Variants.Single(variant => variant.Kernel == nameof(MatMul)).Variant;

    private static float[] Run(TestBackend test, DType format, int T, int N, int K, bool quantised = true)
    {
        using WeightMatrix matrix = test.Backend.Place(quantised ? new SeededMatrix(format, N, K) : new RandomMatrix(format, N, K, N));
        using BufferHandle x = test.Filled<float>(DType.F32, [.. Enumerable.Range(0, T * K).Select(i => MathF.Sin(i * 0.7f))]);
        using BufferHandle bytes = test.Backend.Allocate("quantised", DType.I8, new Shape(T, K));
        using BufferHandle scale = test.Backend.Allocate("scale", DType.F32, new Shape(T, K / QuantBlocks.GroupSize));
        using BufferHandle sum = test.Backend.Allocate("sum", DType.F32, new Shape(T, K / QuantBlocks.GroupSize));
        using BufferHandle y = test.Backend.Allocate("y", DType.F32, new Shape(T * N));
        Activations rows = new(bytes, scale, sum);
        test.Run(pass =>
        {
            if (quantised)
                pass.QuantizeRows(new(x, rows, format, T, K));
            pass.MatMul(new(quantised ? rows : new Activations(x), matrix, y, T));
        });
        return test.Read(y);
    }
}
