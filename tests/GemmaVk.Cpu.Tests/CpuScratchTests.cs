using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests;

// Letters: T rows, N outputs, K inputs or KV heads, H query heads, W head width, R rows of the cache, V vocabulary.

/// <summary>What kernels take for themselves stays within what was planned, at every vector width this machine has.</summary>
public sealed class CpuScratchTests
{
    public static TheoryData<InstructionSet, int> Widths
    {
        get
        {
            TheoryData<InstructionSet, int> data = [];
            foreach (InstructionSet set in Enum.GetValues<InstructionSet>().Where(set => set <= CpuDescription.Best))
            {
                data.Add(set, 1);
                data.Add(set, 2);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Products_stay_within_the_plan(InstructionSet set, int threads)
    {
        foreach ((int T, int K) in new[] { (1, 32), (8, 32), (9, 96), (13, 512), (100, 160), (129, 1024) })
        {
            foreach (DType format in new[] { DType.Q4, DType.Q8, DType.F32 })
            {
                PassShapes shapes = new(T, 32, K, []);
                using CpuBackend backend = Prepared(set, threads, shapes);
                using WeightMatrix w = backend.Place(new Zeros(format, 16, K));
                using BufferHandle x = backend.Allocate("x", format == DType.F32 ? DType.F32 : DType.I8, new Shape(T, K));
                using BufferHandle scale = backend.Allocate("scale", DType.F32, new Shape(T, K / 32));
                using BufferHandle sum = backend.Allocate("sum", DType.F32, new Shape(T, K / 32));
                using BufferHandle y = backend.Allocate("y", DType.F32, new Shape(T, 16));
                Activations rows = format == DType.F32 ? new Activations(x) : new Activations(x, scale, sum);
                backend.Run(backend.Record("products", pass =>
                {
                    pass.MatMul(new(rows, w, y, T));
                    pass.MatVec(new(rows, w, y, Math.Min(T, MatVec.MaxRows), 0));
                }));
                Unchanged(backend, shapes, $"{format} T={T} K={K}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Attention_and_draws_stay_within_the_plan(InstructionSet set, int threads)
    {
        foreach ((int H, int K, int W, int R) in new[] { (4, 2, 32, 50), (16, 1, 128, 3000), (16, 1, 64, 4200), (2, 2, 96, 9000), (16, 8, 64, 300) })
        {
            const int T = 8, V = 500;
            PassShapes shapes = new(2 * T, V, 32, [new AttentionShape(H, K, W, R, DType.F16)]);
            using CpuBackend backend = Prepared(set, threads, shapes);
            using BufferHandle q = backend.Allocate("q", DType.F32, new Shape(2 * T, H * W));
            using BufferHandle cache = backend.Allocate("cache", DType.F16, new Shape(K, R, W));
            using BufferHandle positions = backend.Allocate("positions", DType.I32, new Shape(2 * T));
            using BufferHandle output = backend.Allocate("out", DType.F32, new Shape(2 * T, H * W));
            using BufferHandle logits = backend.Allocate("logits", DType.F32, new Shape(T, V));
            using BufferHandle ids = backend.Allocate("ids", DType.I32, new Shape(T));
            backend.Write<float>(q, new float[2 * T * H * W]);
            backend.Write<Half>(cache, new Half[K * R * W]);
            backend.Write<float>(logits, new float[T * V]);
            backend.Write<int>(positions, [.. Enumerable.Range(R - (2 * T), 2 * T)]);
            using BufferHandle norm = backend.Allocate("norm", DType.F32, new Shape(W));
            using BufferHandle angles = backend.Allocate("angles", DType.F32, new Shape((R / KeysFromValues.Step) + KeysFromValues.Step, W));
            backend.Write<float>(norm, new float[W]);
            backend.Write<float>(angles, new float[angles.Shape.Count]);
            KvRows both = new(cache, cache, R);
            KvRows values = new(null, cache, R, FromValues: new KeysFromValues(norm, angles, angles, 4));
            backend.Run(backend.Record("attention", pass =>
            {
                foreach (KvRows rows in new[] { both, values })
                {
                    pass.AttentionDecode(new(q, rows, positions, positions, output, T, H, K, W, 0));
                    pass.AttentionPrefill(new(q, rows, positions, positions, output, 2 * T, H, K, W, 0));
                }

                pass.Sample(new(logits, ids, 0, positions, ids, T, V, new Sample.Choice(Temperature: 1, TopK: 0, TopP: 0.9f)));
            }));
            Unchanged(backend, shapes, $"H={H} K={K} W={W} R={R}");
        }
    }

    /// <summary>Sixteen heads over a cache of Q8, of narrow rows and wide ones.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Attention_over_int8_rows_stays_within_the_plan(InstructionSet set, int threads)
    {
        foreach ((int W, int R) in new[] { (32, 40), (512, 700) })
        {
            const int T = 8, H = 16;
            PassShapes shapes = new(T, 32, 32, [new AttentionShape(H, 1, W, R, DType.Q8)]);
            using CpuBackend backend = Prepared(set, threads, shapes);
            using OperandBuffers buffers = new(backend);
            AttentionCase attention = AttentionCase.Draw(T, H, 1, W, R, R - T, 0, DType.Q8, W);
            _ = attention.Run(buffers, decode: true);
            Unchanged(backend, shapes, $"W={W} R={R}");
        }
    }

    private static CpuBackend Prepared(InstructionSet set, int threads, PassShapes shapes)
    {
        CpuBackend backend = new(new CpuOptions(threads, set));
        backend.Prepare([], backend.Memory.ScratchBytes(shapes));
        return backend;
    }

    private static void Unchanged(CpuBackend backend, PassShapes shapes, string what)
    {
        long planned = backend.Memory.ScratchBytes(shapes);
        Assert.True(planned == backend.ScratchHeld, $"{what}: planned {planned} bytes of scratch, the kernels wanted {backend.ScratchHeld}");
    }

    private sealed class Zeros(DType format, int rows, int columns) : MatrixSource
    {
        public override string Name => "zeros";

        public override DType Format => format;

        public override int Rows => rows;

        public override int Columns => columns;

        public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
        {
            data.Clear();
            scale.Clear();
        }
    }
}
