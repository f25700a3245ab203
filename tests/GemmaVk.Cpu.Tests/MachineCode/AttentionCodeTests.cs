using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, P pairs that rotate, R rows of the cache.

/// <summary>
/// Attention over INT8 caches, and over many rows of F16 ones, in whole numbers. The functions in machine code have the bits of plain C#, on the processor where it has AVX512-VNNI and on a model of one everywhere;
/// whole attention runs with either, and is held against the reference where there is AVX-512.
/// </summary>
public sealed class AttentionCodeTests : IDisposable
{
    private const int H = 16;

    private static readonly bool Runs = CpuDescription.Best == InstructionSet.Avx512;
    private static readonly bool OnProcessor = CodeSupport.Obstacle(CodePath.Avx512Vnni) is null;

    private readonly List<CpuBackend> _made = [];

    /// <summary>T, K, W, P (-1 with keys), start, window, R: one position, parts of tiles, whole blocks, caches that wrap.</summary>
    public static TheoryData<int, int, int, int, int, int, int> Shapes => new()
    {
        { 1, 1, 32, -1, 0, 0, 1 },
        { 1, 1, 512, 64, 1500, 0, 1504 },
        { 8, 1, 512, 64, 121, 0, 160 },
        { 3, 2, 256, 32, 63, 0, 70 },
        { 2, 1, 64, 32, 64, 0, 70 },
        { 5, 1, 128, 0, 600, 0, 610 },
        { 4, 1, 512, -1, 255, 0, 300 },
        { 8, 2, 256, -1, 700, 256, 264 },
        { 3, 1, 96, -1, 1000, 100, 103 },
        { 1, 1, 256, -1, 517, 1, 3 },
    };

    /// <inheritdoc/>
    public void Dispose() => _made.ForEach(backend => backend.Dispose());

    [Fact]
    public void TheFunctionsHaveTheBitsOfPlainNumbers()
    {
        List<AttentionCode> codes = [ModelledAttention.Code];
        if (OnProcessor)
        {
            codes.Add(ProductCode.Of(CodePath.Avx512Vnni).Code!.Attention!.Value);
        }

        Random random = new(7);
        for (int i = 0; i < 12; i++)
        {
            bool extreme = i % 3 == 0;
            FunctionCase scores = FunctionCase.Scores(random, 1 + (i % 5), extreme), values = FunctionCase.Values(random, i == 0 ? 32 : 1 + (i * 2), extreme);
            FunctionCase wordScores = FunctionCase.WordScores(random, 1 + (i % 5), extreme), wordValues = FunctionCase.WordValues(random, i == 0 ? 32 : 1 + (i * 2), extreme);
            float[] expectedScores = scores.Run(AttentionTwin.Code), expectedValues = values.Run(AttentionTwin.Code);
            foreach (AttentionCode code in codes)
            {
                Same(expectedScores, scores.Run(code), $"scores {i}");
                Same(expectedValues, values.Run(code), $"values {i}");
                Same(wordScores.Run(AttentionTwin.Code), wordScores.Run(code), $"scores of words {i}");
                Same(wordValues.Run(AttentionTwin.Code), wordValues.Run(code), $"values of words {i}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EqualsReferenceAndARowDoesNotDependOnOthersOrThreads(int T, int K, int W, int P, int start, int window, int R)
    {
        if (!Runs)
        {
            // What surrounds the functions is written for AVX-512.
            return;
        }

        AttentionCase c = Case(T, K, W, P, start, window, R);
        CpuBackend twin = Backend(AttentionTwin.Code, 1), floats = Backend(null, 1);
        float[] actual = Run(twin, c), inFloats = Run(floats, c);
        Close(c.Expected(), actual, Tolerances.AttentionInWholeNumbers, 8, $"{c}");
        // One position alone has all the weight, and its value comes out as it is stored.
        Assert.True(start == 0 || window == 1 ? actual.AsSpan().SequenceEqual(inFloats) : !actual.AsSpan().SequenceEqual(inFloats), "whole numbers did not run, or one position was rounded");
        for (int t = 0; t < T; t++)
        {
            Same(actual.AsSpan(t * H * K * W, H * K * W).ToArray(), Run(twin, c.Rows(t, 1)), $"row {t} of {c}");
        }

        Same(actual, Run(Backend(AttentionTwin.Code, 3), c), $"three threads, {c}");
        if (OnProcessor)
        {
            Same(actual, Run(Backend(ProductCode.Of(CodePath.Avx512Vnni).Code!.Attention, 2), c), $"machine code, {c}");
        }
    }

    /// <summary>T, K, W, P (-1 with keys), start, window, R: rows on either side of where whole numbers begin, parts of tiles, caches that wrap.</summary>
    [Theory]
    [InlineData(1, 1, 512, 64, 4500, 0, 4512)]
    [InlineData(5, 1, 64, 32, 4093, 0, 4110)]
    [InlineData(3, 1, 128, 0, 4170, 0, 4180)]
    [InlineData(8, 2, 32, -1, 5000, 4099, 4107)]
    [InlineData(2, 1, 96, -1, 4094, 0, 4100)]
    public void ManyHalvesAreMultipliedAsWholeNumbers(int T, int K, int W, int P, int start, int window, int R)
    {
        if (!Runs)
        {
            return;
        }

        AttentionCase c = Case(T, K, W, P, start, window, R, DType.F16);
        // Rows that are not alike: one with a wild value, one of subnormal halves, one of zeros.
        int[] rows = [(start - 3) % R, (start - 70) % R, (start - 71) % R];
        c.V[rows[0] * W] = 20;
        c.V.AsSpan(rows[1] * W, W).Fill(1e-6f);
        c.V.AsSpan(rows[2] * W, W).Clear();
        CpuBackend code = Backend(OnProcessor ? ProductCode.Of(CodePath.Avx512Vnni).Code!.Attention : AttentionTwin.Code, 1), floats = Backend(null, 1);
        float[] actual = Run(code, c), inFloats = Run(floats, c);
        Close(c.Expected(), actual, Tolerances.AttentionInWholeNumbers, 20, $"{c}");
        for (int t = 0; t < T; t++)
        {
            float[] row = actual.AsSpan(t * H * K * W, H * K * W).ToArray();
            int seen = window == 0 ? c.Reach[t] + 1 : Math.Min(c.Reach[t] + 1, window);
            Assert.Equal(seen < code.HalvesInWholeNumbersFrom, inFloats.AsSpan(t * H * K * W, H * K * W).SequenceEqual(row));
            Same(row, Run(code, c.Rows(t, 1)), $"row {t} of {c}");
        }

        Same(actual, Run(Backend(AttentionTwin.Code, 3), c), $"plain numbers on three threads, {c}");
    }

    [Fact]
    public void WhatIsNoNumberInACacheOfManyHalvesStaysNone()
    {
        if (Runs)
        {
            AttentionCase c = Case(1, 1, 32, -1, 4200, 0, 4201, DType.F16);
            c.V[(4100 * 32) + 3] = float.PositiveInfinity;
            Assert.All(Run(Backend(AttentionTwin.Code, 1), c), value => Assert.True(float.IsNaN(value)));
        }
    }

    /// <summary>Each half beside each largest exponent: to the nearest step of the row.</summary>
    [Fact]
    public unsafe void AHalfBecomesTheNearestNumberOfSteps()
    {
        if (!Runs)
        {
            return;
        }

        Half[] row = new Half[32];
        short* words = stackalloc short[32];
        for (int bits = 0; bits < 0x7C00; bits += 3)
        {
            row[0] = BitConverter.UInt16BitsToHalf((ushort)bits);
            (row[1], row[31]) = (-row[0], BitConverter.UInt16BitsToHalf((ushort)(((bits >> 10) + (bits % 31)) % 31 << 10)));
            fixed (Half* from = row)
            {
                int exponent = WordTile.Exponent((ushort*)from, 32);
                float unit = WordTile.Unit(exponent);
                WordTile.Row((ushort*)from, exponent, words, 32);
                for (int i = 0; i < 32; i++)
                {
                    Assert.InRange(Math.Abs((words[i] * unit) - (float)row[i]), 0, unit / 2);
                    Assert.InRange(Math.Abs((int)words[i]), 0, WordTile.Most);
                }
            }
        }

        Assert.True(float.IsNaN(WordTile.Unit(31)));
    }

    /// <summary>Groups that the columns that rotate do not fill, other numbers of heads and other formats are multiplied as floats.</summary>
    [Theory]
    [InlineData(16, 64, 4, DType.Q8)]
    [InlineData(16, 96, 32, DType.Q8)]
    [InlineData(32, 64, -1, DType.Q8)]
    [InlineData(8, 64, -1, DType.Q8)]
    [InlineData(16, 544, -1, DType.Q8)]
    [InlineData(16, 64, -1, DType.F16)]
    public void WhatDoesNotFitIsMultipliedAsFloats(int heads, int W, int P, DType format)
    {
        if (Runs)
        {
            AttentionCase c = AttentionCase.Draw(2, heads, 1, W, 90, 80, 0, format, 5) with { Rebuilt = P < 0 ? null : RebuiltKeys.Draw(W, P, 90, 0.1f, 3) };
            Same(Run(Backend(null, 1), c), Run(Backend(AttentionTwin.Code, 1), c), $"{c}");
        }
    }

    [Fact]
    public void AQueryOfZerosAndAGroupOfZerosAreNoSpecialCase()
    {
        if (Runs)
        {
            AttentionCase c = Case(2, 1, 64, -1, 70, 0, 80);
            Array.Clear(c.Q, 0, 64);
            for (int row = 0; row < 80; row++)
            {
                Array.Clear(c.V, row * 64, 32);
            }

            float[] actual = Run(Backend(AttentionTwin.Code, 1), c);
            Close(c.Expected(), actual, Tolerances.AttentionInWholeNumbers, 8, $"{c}");
            Assert.All(actual.Where((_, i) => i % 64 < 32), value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void AStepAllocatesNothingAndDescriptionsSayWhatRuns()
    {
        if (!OnProcessor)
        {
            return;
        }

        using CpuBackend backend = new(new CpuOptions(Threads: 2, MachineCode: true));
        AttentionCase c = Case(1, 1, 64, 32, 300, 0, 310);
        using OperandBuffers buffers = new(backend);
        (Action<IPass> body, _) = c.Prepare(buffers, decode: true);
        IRecording step = backend.Record("step", body);
        backend.Run(step);
        Assert.Equal(0, Allocation.Least(() => backend.Run(step)));

        Assert.True(backend.AttendsInWholeNumbers);
        Assert.Contains(backend.Device.Details, line => line.Contains("products of INT8 rows and attention over INT8 caches, and over FP16 ones from 4096 positions on, ", StringComparison.Ordinal));
        Assert.Contains("INT8 caches, and FP16 ones from 4096 positions on: whole numbers where 16 query heads share a KV head, ", Reason(backend), StringComparison.Ordinal);
        CpuBackend off = Backend(null, 1, machineCode: false);
        Assert.False(off.AttendsInWholeNumbers);
        Assert.Contains("positions on: floats; no machine code: turned off", Reason(off), StringComparison.Ordinal);
    }

    private static string Reason(CpuBackend backend) => backend.Variants.First(variant => variant.Kernel == nameof(IPass.AttentionDecodeQuantize)).Reason;

    private static AttentionCase Case(int T, int K, int W, int P, int start, int window, int R, DType format = DType.Q8)
    {
        AttentionCase c = AttentionCase.Draw(T, H * K, K, W, R, start, window, format, T + W + start, valuesOnly: P >= 0);
        return P < 0 ? c : c with { Rebuilt = RebuiltKeys.Draw(W, P, R, 1.5f / MathF.Sqrt(W), start) };
    }

    private CpuBackend Backend(AttentionCode? code, int threads, bool machineCode = true)
    {
        CpuBackend backend = new(new CpuOptions(threads, InstructionSet.Avx512, MachineCode: machineCode)
        {
            CodeSource = path => path == CodePath.Avx512Vnni ? (new ProductCode(path, [], attention: code), null) : (null, "not asked"),
        });
        _made.Add(backend);
        return backend;
    }

    private static float[] Run(CpuBackend backend, AttentionCase c)
    {
        using OperandBuffers buffers = new(backend);
        return c.Run(buffers, decode: true);
    }

    private static void Same(float[] expected, float[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"{what}: at {i} expected {expected[i]:R}, but it is {actual[i]:R}");
        }
    }

    private static void Close(float[] expected, float[] actual, Tolerance tolerance, double size, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= (tolerance.Absolute * size) + (tolerance.Relative * Math.Abs(expected[i])), $"{what}: at {i} expected {expected[i]:R}, but it is {actual[i]:R}");
        }
    }
}
