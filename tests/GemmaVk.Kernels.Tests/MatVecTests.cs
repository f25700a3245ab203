using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class MatVecTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void OneHotPicksAColumn(string backend)
    {
        RandomMatrix matrix = new(DType.Q4, 5, 64, 3);
        float[] x = new float[64];
        x[37] = 127;
        float[] expected = [.. Enumerable.Range(0, 5).Select(n => 127 * QuantBlocks.Value(DType.Q4, matrix.Data, matrix.Scales, 64, n, 37))];
        Comparison.Close(expected, Products.Vec(backend, matrix, x, 1, true), new Tolerance(1e-5, 1e-6), "column 37");
    }

    [KernelProperty(150)]
    public void EqualsReference(FewRows T, Outputs N, Columns K, ProductKind kind, Seed seed) =>
        Products.CheckAll(Products.Vec, T, N, K, kind, seed);

    [KernelProperty(30)]
    public void ARowAloneEqualsTheRowAmongEight(Outputs N, Columns K, ProductKind kind, Seed seed) =>
        Products.CheckRowsAlone(Products.Vec, N, K, kind, seed, 8, [.. Enumerable.Range(0, 8).Select(t => (t, 1)), (2, 5)]);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void FirstSkipsRows(string backend)
    {
        RandomMatrix matrix = new(DType.Q8, 7, 96, 1);
        float[] x = DrawnValues.Of(5 * 96, 2);
        foreach (bool quantised in new[] { true, false })
        {
            float[] all = Products.Vec(backend, matrix, x, 5, quantised);
            Comparison.Same(all.AsSpan(3 * 7, 2 * 7), Products.Vec(backend, matrix, x, 2, quantised, 3), "rows 3 and 4");
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void LargestValuesDoNotOverflow(string backend)
    {
        // All nibbles 15 or 0, all bytes -128, activations at both ends: the largest integer dots there are.
        foreach ((DType format, byte value) in new[] { (DType.Q4, (byte)0xFF), (DType.Q4, (byte)0), (DType.Q8, (byte)0x80), (DType.Q8, (byte)0x7F), (DType.Q4K, (byte)0xFF), (DType.Q5K, (byte)0xFF), (DType.Q6K, (byte)0xFF), (DType.Q6K, (byte)0) })
        {
            // Headers of ones where integers are scales: 31 and 63 of 63, and -1.
            ushort one = QuantBlocks.ScaleType(format) == DType.F16 ? Float16.FromSingle(1) : BFloat16.FromSingle(1);
            ushort[] scales = [.. Enumerable.Repeat(one, (int)QuantBlocks.RowScales(format, 512))];
            RandomMatrix matrix = new(format, 2, 256, [.. Enumerable.Repeat(value, (int)QuantBlocks.RowBytes(format, 512))], scales);
            foreach (float x in new[] { 1f, -1f })
            {
                float[] row = [.. Enumerable.Repeat(x, 256)];
                ExpectedProduct.Of(matrix, row, 1, true).Check(Products.Vec(backend, matrix, row, 1, true), $"{format} {value} {x}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/int4.safetensors");
        foreach ((string name, int N, int K, int T) in new[] { ("33x15360x1", 33, 15360, 1), ("3840x160x2", 3840, 160, 2), ("64x3840x3", 64, 3840, 3) })
        {
            RandomMatrix matrix = new(DType.Q4, N, K, golden.Values<byte>(name + ".packed"), golden.Values<ushort>(name + ".scale"));
            float[] x = golden.Floats(name + ".x");
            float[] sizes = TermSizes.Product(matrix, x, T);
            Comparison.Close(
                golden.Floats(name + ".y"), Products.Vec(backend, matrix, x, T, false), Tolerances.Product(DType.Q4, false), $"{golden.Name} {name}", sizes);
        }
    }
}
