using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

// Letters: T rows, N outputs, K columns.

/// <summary>Products of Q4K, Q5K and Q6K in machine code, on this processor where it has AVX512-VNNI, and on its model.</summary>
[Collection(nameof(ModelledCode))]
public class KBlockCodeTests
{
    private static readonly DType[] Formats = [DType.Q4K, DType.Q5K, DType.Q6K];

    /// <summary>A single short block, whole ones, and one that starts earlier than it would so that it ends with the row.</summary>
    [Theory]
    [InlineData("Avx512Vnni")]
    [InlineData("Amx")]
    public void OnTheModelProductsHaveTheBitsOfTheIntrinsics(string name)
    {
        if (!Lanes512.IsSupported)
        {
            return;
        }

        using CpuBackend intrinsics = new(new CpuOptions(Threads: 1, Instructions: InstructionSet.Avx512, MachineCode: false));
        using CpuBackend modelled = ModelledCode.Backend(Enum.Parse<CodePath>(name), InstructionSet.Avx512);
        foreach ((int T, int N, int K) in new[] { (1, 3, 256), (2, 4, 512), (3, 5, 768), (17, 2, 1024) })
        {
            foreach (DType format in Formats)
            {
                Same(Product(intrinsics, format, T, N, K), Product(modelled, format, T, N, K), $"{format}, T = {T}, N = {N}, K = {K}");
            }
        }
    }

    /// <summary>Rows of one pass and of prompts, outputs around strips, one thread and several; each row of x by itself gives its bits as well.</summary>
    [Fact]
    public void OnThisProcessorProductsHaveTheBitsOfTheIntrinsicsAndRowsDoNotKnowEachOther()
    {
        if (!Lanes512.IsSupported || CodeSupport.Obstacle(CodePath.Avx512Vnni) is not null)
        {
            return;
        }

        using CpuBackend intrinsics = new(new CpuOptions(Threads: 1, Instructions: InstructionSet.Avx512, MachineCode: false));
        using CpuBackend coded = new(new CpuOptions(Threads: 2, MachineCode: true) { CodeSource = path => path == CodePath.Avx512Vnni ? ProductCode.Of(path) : (null, "not asked") });
        Assert.True(coded.MachineCode);
        foreach (DType format in Formats)
        {
            foreach (int K in new[] { 256, 512, 768, 2816, 3840, 15360 })
            {
                foreach (int T in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33 })
                {
                    int N = K > 4000 ? 7 : new[] { 1, 2, 31, 32, 33, 67 }[T % 6];
                    float[] expected = Product(intrinsics, format, T, N, K), actual = Product(coded, format, T, N, K);
                    Same(expected, actual, $"{format}, T = {T}, N = {N}, K = {K}");
                    if (T is 5 or 17)
                    {
                        Same(actual[((T - 1) * N)..], Product(coded, format, 1, N, K, rows: T), $"{format}, the last row of {T}, N = {N}, K = {K}");
                    }
                }
            }
        }
    }

    /// <summary>Memory takes as long to answer as a block of few rows takes to compute: what nobody asked for before, cores wait for.</summary>
    [Theory]
    [InlineData("Q4K", 8, 32)]
    [InlineData("Q6K", 8, 32)]
    [InlineData("Q5K", 1, 4)]
    public unsafe void WeightsAndHeadersAreAskedForBeforeTheyAreRead(string name, int T, int rowsBefore)
    {
        if (!Lanes512.IsSupported)
        {
            return;
        }

        // Eight rows are met in two spans of columns or more, one row in one.
        const int N = 72, K = 2816;
        DType format = Enum.Parse<DType>(name);
        int blockBytes = 2 * KBlocks.Bytes(format), headerBytes = 4 * KBlocks.HeaderUnits(format);
        HashSet<nint> asked = [];
        nint weights = 0;
        int unasked = 0, calls = 0;
        using CpuBackend modelled = ModelledCode.Backend(CodePath.Avx512Vnni, InstructionSet.Avx512);
        try
        {
            ModelledCode.Asked = asked;
            ModelledCode.Calling = call =>
            {
                weights = weights == 0 ? (nint)call.Weights : weights;
                if ((nint)call.Weights < weights + (rowsBefore * K / 512 * blockBytes))
                {
                    return;
                }

                calls++;
                foreach ((nint from, long bytes) in new[]
                {
                    ((nint)call.Weights, call.Blocks * blockBytes), ((nint)call.NextWeights, call.Blocks * blockBytes),
                    ((nint)call.Scales, call.Blocks * headerBytes), ((nint)call.NextScales, call.Blocks * headerBytes),
                })
                {
                    for (nint line = from / 64; line <= (from + (nint)bytes - 1) / 64; line++)
                    {
                        unasked += asked.Contains(line) ? 0 : 1;
                    }
                }
            };
            Product(modelled, format, T, N, K);
        }
        finally
        {
            (ModelledCode.Asked, ModelledCode.Calling) = (null, null);
        }

        Assert.True(calls >= (N - rowsBefore) / 2);
        Assert.Equal(0, unasked);
    }

    private static void Same(float[] expected, float[] actual, string what) =>
        Assert.True(expected.Select(BitConverter.SingleToInt32Bits).SequenceEqual(actual.Select(BitConverter.SingleToInt32Bits)), what);

    /// <summary>Of <paramref name="rows"/> drawn rows the last T.</summary>
    private static float[] Product(CpuBackend backend, DType format, int T, int N, int K, int rows = 0)
    {
        rows = Math.Max(rows, T);
        using WeightMatrix w = backend.Place(new RandomMatrix(format, N, K, N + K));
        using BufferHandle x = backend.Allocate("x", DType.F32, new Shape(T, K));
        using BufferHandle q = backend.Allocate("q", DType.I8, new Shape(T, K));
        using BufferHandle unit = backend.Allocate("unit", DType.F32, new Shape(T, K / 32));
        using BufferHandle sum = backend.Allocate("sum", DType.F32, new Shape(T, K / 32));
        using BufferHandle y = backend.Allocate("y", DType.F32, new Shape(T, N));
        backend.Write<float>(x, DrawnValues.Of(rows * K, N).AsSpan()[((rows - T) * K)..]);
        Activations activations = new(q, unit, sum);
        backend.Run(backend.Record("product", pass =>
        {
            pass.QuantizeRows(new(x, activations, format, T, K));
            pass.MatMul(new(activations, w, y, T));
        }));
        float[] result = new float[T * N];
        backend.Read<float>(y, result);
        return result;
    }
}
