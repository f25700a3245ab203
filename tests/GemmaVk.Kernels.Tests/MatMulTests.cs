using System;
using System.Linq;
using FsCheck.Fluent;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class MatMulTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void IdentityGivesTheRows(string backend)
    {
        float[] identity = new float[64 * 64];
        for (int i = 0; i < 64; i++)
        {
            identity[(i * 64) + i] = 1;
        }

        RandomMatrix matrix = new(DType.F32, 64, 64, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(identity).ToArray(), []);
        float[] x = Shapes.Values(11 * 64, 1);
        Comparison.Close(x, Products.Mul(backend, matrix, x, 11, false), default, "x");
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsReference(string backend) =>
        Shapes.ForAll(
            from T in Shapes.Rows
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
                Products.Check(matrix, x, T, quantised, Products.Mul(backend, matrix, x, T, quantised), $"{format} {shape}");
            },
            tests: 60);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ARowDoesNotDependOnTheRowsBesideIt(string backend) =>
        Shapes.ForAll(
            from N in Shapes.Outputs from K in Shapes.Columns from kind in Products.Kinds from seed in Shapes.Seeds select (N, K, kind, seed),
            shape =>
            {
                (int N, int K, (DType format, bool quantised), int seed) = shape;
                RandomMatrix matrix = new(format, N, K, seed);
                float[] x = Shapes.Values(33 * K, seed + 1);
                float[] all = Products.Mul(backend, matrix, x, 33, quantised);
                float[] some = Products.Mul(backend, matrix, x.AsSpan(6 * K, 9 * K).ToArray(), 9, quantised);
                Comparison.Same(all.AsSpan(6 * N, 9 * N), some, $"rows 6 to 14 of {shape}");
                Comparison.Same(
                    Products.Mul(backend, matrix, x.AsSpan(32 * K, K).ToArray(), 1, quantised), all.AsSpan(32 * N, N), $"last row of {shape}");
            },
            tests: 30);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/int4.safetensors");
        const string name = "8x32x17";
        RandomMatrix matrix = new(DType.Q4, 8, 32, golden.Values<byte>(name + ".packed"), golden.Values<ushort>(name + ".scale"));
        float[] x = golden.Floats(name + ".x");
        Comparison.Close(
            golden.Floats(name + ".y"), Products.Mul(backend, matrix, x, 17, false), Tolerances.Product(DType.Q4, false), golden.Name, Products.Sizes(matrix, x, 17));
    }
}
