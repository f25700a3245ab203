using System;
using System.Linq;
using FsCheck.Fluent;
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
        Comparison.Close(expected, Products.Vec(backend, matrix, x, 1, quantised: true), new Tolerance(1e-5, 1e-6), "column 37");
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsReference(string backend) =>
        Shapes.ForAll(
            from T in Shapes.FewRows
            from N in Shapes.Outputs
            from K in Shapes.Columns
            from kind in Products.Kinds
            from seed in Shapes.Seeds
            select (T, N, K, kind, seed),
            shape =>
            {
                (int T, int N, int K, (DType format, bool quantised), int seed) = shape;
                RandomMatrix matrix = new(format, N, K, seed);
                float[] x = Shapes.Values(T * K, seed + 1);
                Products.Check(matrix, x, T, quantised, Products.Vec(backend, matrix, x, T, quantised), $"{format} {shape}");
            },
            tests: 150);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ARowAloneEqualsTheRowAmongEight(string backend) =>
        Shapes.ForAll(
            from N in Shapes.Outputs from K in Shapes.Columns from kind in Products.Kinds from seed in Shapes.Seeds select (N, K, kind, seed),
            shape =>
            {
                (int N, int K, (DType format, bool quantised), int seed) = shape;
                RandomMatrix matrix = new(format, N, K, seed);
                float[] x = Shapes.Values(8 * K, seed + 1);
                float[] eight = Products.Vec(backend, matrix, x, 8, quantised);
                for (int t = 0; t < 8; t++)
                {
                    Comparison.Same(
                        eight.AsSpan(t * N, N), Products.Vec(backend, matrix, x.AsSpan(t * K, K).ToArray(), 1, quantised), $"row {t} of {shape}");
                }

                float[] some = Products.Vec(backend, matrix, x.AsSpan(2 * K, 5 * K).ToArray(), 5, quantised);
                Comparison.Same(eight.AsSpan(2 * N, 5 * N), some, $"rows 2 to 6 of {shape}");
            },
            tests: 30);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void FirstSkipsRows(string backend)
    {
        RandomMatrix matrix = new(DType.Q8, 7, 96, 1);
        float[] x = Shapes.Values(5 * 96, 2);
        foreach (bool quantised in new[] { true, false })
        {
            float[] all = Products.Vec(backend, matrix, x, 5, quantised);
            Comparison.Same(all.AsSpan(3 * 7, 2 * 7), Products.Vec(backend, matrix, x, 2, quantised, first: 3), "rows 3 and 4");
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void LargestValuesDoNotOverflow(string backend)
    {
        // All nibbles 15 or 0, all bytes -128, activations at both ends: the largest integer dots there are.
        foreach ((DType format, byte value) in new[] { (DType.Q4, (byte)0xFF), (DType.Q4, (byte)0), (DType.Q8, (byte)0x80), (DType.Q8, (byte)0x7F) })
        {
            RandomMatrix matrix = new(format, 2, 256, [.. Enumerable.Repeat(value, (int)QuantBlocks.RowBytes(format, 512))], [.. Enumerable.Repeat(BFloat16.FromSingle(1), 16)]);
            foreach (float x in new[] { 1f, -1f })
            {
                float[] row = [.. Enumerable.Repeat(x, 256)];
                Products.Check(matrix, row, 1, true, Products.Vec(backend, matrix, row, 1, true), $"{format} {value} {x}");
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
            float[] sizes = Products.Sizes(matrix, x, T);
            Comparison.Close(
                golden.Floats(name + ".y"), Products.Vec(backend, matrix, x, T, false), Tolerances.Product(DType.Q4, false), $"{golden.Name} {name}", sizes);
        }
    }
}
