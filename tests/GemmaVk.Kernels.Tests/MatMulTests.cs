using System;
using System.Linq;
using System.Runtime.Intrinsics.X86;
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

    [KernelProperty(60)]
    public void EqualsReference(Rows T, Outputs N, Columns K, ProductKind kind, Seed seed) =>
        Products.CheckAll(Products.Mul, T, N, K, kind, seed);

    [KernelProperty(30)]
    public void ARowDoesNotDependOnTheRowsBesideIt(Outputs N, Columns K, ProductKind kind, Seed seed) =>
        Products.CheckRowsAlone(Products.Mul, N, K, kind, seed, 33, (6, 9), (32, 1));

    /// <summary>Where the processor has AVX512-VNNI. With AVX-VNNI the intrinsics of Q8 have narrower vectors, and add in another order.</summary>
    [KernelProperty(60)]
    public void MachineCodeHasTheBitsOfTheIntrinsics(Rows T, Outputs N, Columns K, Seed seed)
    {
        if (!Backends.Has(Backends.Intrinsics))
        {
            return;
        }

        foreach (DType format in AvxVnni.IsSupported ? [DType.Q4] : new[] { DType.Q4, DType.Q8 })
        {
            RandomMatrix matrix = new(format, N, K, seed);
            float[] x = Shapes.Values(T * K, seed + 1);
            Comparison.Same(Products.Mul(Backends.Intrinsics, matrix, x, T, true), Products.Mul("cpu", matrix, x, T, true), $"{format} rows");
        }
    }

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
