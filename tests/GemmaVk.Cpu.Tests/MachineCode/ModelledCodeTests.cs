using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

// Letters: T rows, N outputs, K columns.

/// <summary>
/// Whole products whose microkernels run on a model of a processor, for instructions that this machine may lack: with the bits of the intrinsics of the same width. Where
/// AVX512-VNNI is present the model itself is held against the processor.
/// </summary>
[Collection(nameof(ModelledCode))]
public class ModelledCodeTests
{
    // Whole blocks and a part of one at every width, a single short block, odd numbers of outputs and rows, and one row more than a batch and two tiles have.
    private static readonly (int T, int N, int K)[] Shapes = [(2, 5, 544), (3, 18, 96), (7, 3, 1024), (33, 19, 288)];

    [Theory]
    [InlineData("AvxVnni")]
    [InlineData("AvxVnniInt8")]
    [InlineData("Avx512Vnni")]
    [InlineData("Amx")]
    [InlineData("DotProd")]
    [InlineData("I8mm")]
    public void ProductsHaveTheBitsOfTheIntrinsics(string name)
    {
        CodePath path = Enum.Parse<CodePath>(name);
        InstructionSet width = Width(path);
        if (width > CpuDescription.Best)
        {
            // Nothing to compare with: the intrinsics of this width do not run here.
            return;
        }

        using CpuBackend intrinsics = new(new CpuOptions(Threads: 1, Instructions: width, MachineCode: false));
        using CpuBackend modelled = ModelledCode.Backend(path, width);
        foreach ((int T, int N, int K) in Shapes)
        {
            foreach (DType format in new[] { DType.Q4, DType.Q4F16, DType.Q8, DType.Q8F16 })
            {
                // With AVX-VNNI the intrinsics of Q8 have narrower vectors than AVX-512's, and add in another order.
                if (width == InstructionSet.Avx512 && AvxVnni.IsSupported && format is DType.Q8 or DType.Q8F16)
                {
                    continue;
                }

                float[] expected = Product(intrinsics, format, T, N, K), actual = Product(modelled, format, T, N, K);
                Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    /// <summary>Memory takes as long to answer as a block of few rows takes to compute: what nobody asked for before, cores wait for.</summary>
    [Theory]
    [InlineData("AvxVnni", 8, 32)]
    [InlineData("AvxVnniInt8", 8, 32)]
    [InlineData("Avx512Vnni", 8, 32)]
    [InlineData("DotProd", 8, 32)]
    [InlineData("I8mm", 8, 32)]
    [InlineData("Avx512Vnni", 1, 4)]
    public unsafe void WeightsAndScalesAreAskedForBeforeTheyAreRead(string name, int T, int rowsBefore)
    {
        CodePath path = Enum.Parse<CodePath>(name);
        if (Width(path) > CpuDescription.Best)
        {
            return;
        }

        // Eight rows are met in two spans of columns, one row in one.
        const int N = 96, K = 2720, G = K / 32, GroupBytes = 16;
        HashSet<nint> asked = [];
        nint weights = 0;
        int unasked = 0, calls = 0;
        using CpuBackend modelled = ModelledCode.Backend(path, Width(path));
        try
        {
            int groups = path switch { CodePath.Avx512Vnni => 16, CodePath.AvxVnni or CodePath.AvxVnniInt8 => 8, _ => 4 };
            ModelledCode.Asked = asked;
            ModelledCode.Calling = call =>
            {
                weights = weights == 0 ? (nint)call.Weights : weights;
                if ((nint)call.Weights < weights + (rowsBefore * G * GroupBytes))
                {
                    return;
                }

                calls++;
                long read = call.Blocks * groups;
                foreach ((nint from, long bytes) in new[]
                {
                    ((nint)call.Weights, read * GroupBytes), ((nint)call.NextWeights, read * GroupBytes), ((nint)call.Scales, read * 2), ((nint)call.NextScales, read * 2),
                })
                {
                    for (nint line = from / 64; line <= (from + (nint)bytes - 1) / 64; line++)
                    {
                        unasked += asked.Contains(line) ? 0 : 1;
                    }
                }
            };
            Product(modelled, DType.Q4, T, N, K);
        }
        finally
        {
            (ModelledCode.Asked, ModelledCode.Calling) = (null, null);
        }

        Assert.True(calls >= (N - rowsBefore) / 2);
        Assert.Equal(0, unasked);
    }

    [Fact]
    public void TheModelIsTheProcessor()
    {
        if (CodeSupport.Obstacle(CodePath.Avx512Vnni) is not null)
        {
            return;
        }

        using CpuBackend processor = new(new CpuOptions(Threads: 1, MachineCode: true) { CodeSource = path => path == CodePath.Avx512Vnni ? ProductCode.Of(path) : (null, "not asked") });
        using CpuBackend modelled = ModelledCode.Backend(CodePath.Avx512Vnni, InstructionSet.Avx512);
        Assert.True(processor.MachineCode);
        Assert.Equal(Product(processor, DType.Q8F16, 5, 6, 1056), Product(modelled, DType.Q8F16, 5, 6, 1056));
        Assert.Equal(Product(processor, DType.Q5K, 3, 4, 768), Product(modelled, DType.Q5K, 3, 4, 768));
    }

    [Fact]
    public void WhatTheModelDoesNotKnowItRefuses()
    {
        // vaddps zmm0, zmm0, zmm0, and fadd v0.4s, v0.4s, v0.4s.
        Assert.Throws<InvalidOperationException>(() => Run(false, [0x62, 0xF1, 0x7C, 0x48, 0x58, 0xC0, 0xC3]));
        Assert.Throws<InvalidOperationException>(() => Run(true, [0x00, 0xD4, 0x20, 0x4E, 0xC0, 0x03, 0x5F, 0xD6]));
    }

    private static unsafe void Run(bool arm, byte[] code)
    {
        fixed (byte* start = code)
        {
            if (arm)
            {
                new ArmModel().Run(start, null);
            }
            else
            {
                new X86Model().Run(start, null);
            }
        }
    }

    private static InstructionSet Width(CodePath path) => path switch
    {
        CodePath.Avx512Vnni or CodePath.Amx => InstructionSet.Avx512,
        CodePath.AvxVnni or CodePath.AvxVnniInt8 => InstructionSet.Avx2,
        _ => InstructionSet.Vector128,
    };

    private static float[] Product(CpuBackend backend, DType format, int T, int N, int K)
    {
        using WeightMatrix w = backend.Place(new RandomMatrix(format, N, K, (T * 1000) + K));
        using BufferHandle x = backend.Allocate("x", DType.F32, new Shape(T, K));
        using BufferHandle q = backend.Allocate("q", DType.I8, new Shape(T, K));
        using BufferHandle unit = backend.Allocate("unit", DType.F32, new Shape(T, K / 32));
        using BufferHandle sum = backend.Allocate("sum", DType.F32, new Shape(T, K / 32));
        using BufferHandle y = backend.Allocate("y", DType.F32, new Shape(T, N));
        backend.Write<float>(x, DrawnValues.Of(T * K, N));
        Activations rows = new(q, unit, sum);
        backend.Run(backend.Record("product", pass =>
        {
            pass.QuantizeRows(new(x, rows, format, T, K));
            pass.MatMul(new(rows, w, y, T));
        }));
        float[] result = new float[T * N];
        backend.Read<float>(y, result);
        return result;
    }
}
