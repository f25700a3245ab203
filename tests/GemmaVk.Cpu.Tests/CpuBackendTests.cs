using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests;

public class CpuBackendTests
{
    [Fact]
    public void BuffersAreAlignedAndKeepWhatWasWritten()
    {
        using CpuBackend backend = new();
        using BufferHandle buffer = backend.Allocate("b", DType.F16, new Shape(3, 5));
        Half[] values = [.. Enumerable.Range(0, 15).Select(i => (Half)i)];
        backend.Write<Half>(buffer, values);
        backend.Write<Half>(buffer, [(Half)100], 7);
        Half[] read = new Half[3];
        backend.Read<Half>(buffer, read, 6);
        Assert.Equal([(Half)6, (Half)100, (Half)8], read);
        using BufferHandle copy = backend.Allocate("c", DType.F16, new Shape(15));
        backend.Copy(buffer, copy);
        backend.Read<Half>(copy, read, 12);
        Assert.Equal([(Half)12, (Half)13, (Half)14], read);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using CpuBackend backend = new();
        using CpuBackend other = new(new CpuOptions(Threads: 1));
        using BufferHandle buffer = backend.Allocate("small", DType.F32, new Shape(4));
        using BufferHandle large = backend.Allocate("large", DType.F32, new Shape(5));
        Assert.Contains("small", Assert.Throws<ArgumentException>(() => backend.Write<float>(buffer, new float[5])).Message);
        Assert.Throws<ArgumentException>(() => backend.Read<float>(buffer, new float[2], 3));
        Assert.Throws<ArgumentException>(() => backend.Read<float>(buffer, new float[1], -1));
        Assert.Throws<ArgumentException>(() => backend.Copy(buffer, large));
        using IRecording tooMany = backend.Record("r", pass => pass.SoftCap(new(buffer, large, 30, 5)));
        Assert.Contains("small", Assert.Throws<ArgumentException>(() => backend.Run(tooMany)).Message);
        Assert.Throws<ArgumentException>(() => other.Run(new ForeignRecording()));
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => backend.Write<float>(buffer, [1]));
    }

    [Fact]
    public void MoreMemoryThanThereIsIsAUsersMistake()
    {
        using CpuBackend backend = new();
        GemmaVkException e = Assert.Throws<GemmaVkException>(
            () => backend.Allocate("cache", DType.F32, new Shape(backend.Device.MemoryBytes)));
        Assert.Contains("cache", e.Message);
        Assert.Contains("bytes", e.Message);
        // The refused bytes are not counted.
        backend.Allocate("small", DType.F32, new Shape(100)).Dispose();
    }

    [Fact]
    public void MemoryThatOthersTookSinceThePlanIsRefusedBeforeItIsFilled()
    {
        const long GiB = 1 << 30;
        long available = 4 * GiB;
        using CpuBackend backend = new(new CpuOptions { Machine = () => new MachineMemory(8 * GiB, available, "physical memory") });
        Assert.Equal(4 * GiB, backend.Memory.AvailableBytes);
        available = 1 << 20;
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => backend.Place(new Zeros(1024, 8192)));
        Assert.Contains("no room for zeros: it needs 33,554,432 bytes, and 1,048,576 of 8,589,934,592 (physical memory) are free now", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, backend.Ledger.HeldBytes);
        available = GiB;
        WeightMatrix placed = backend.Place(new Zeros(1024, 8192));
        Assert.Equal(33_554_432, backend.Ledger.HeldBytes);
        placed.Dispose();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("two")]
    public void ThreadsMustBeANumber(string value)
    {
        string? before = Environment.GetEnvironmentVariable("GEMMAVK_THREADS");
        try
        {
            Environment.SetEnvironmentVariable("GEMMAVK_THREADS", value);
            Assert.Contains(value, Assert.Throws<GemmaVkException>(() => new CpuBackend()).Message);
            Environment.SetEnvironmentVariable("GEMMAVK_THREADS", "1");
            using CpuBackend one = new();
            Assert.Equal(1, one.Threads);
        }
        finally
        {
            Environment.SetEnvironmentVariable("GEMMAVK_THREADS", before);
        }
    }

    [Fact]
    public void MachineCodeIsTurnedOffByAnOptionOrAVariableAndTheDescriptionSaysSo()
    {
        string? before = Environment.GetEnvironmentVariable("GEMMAVK_MACHINE_CODE");
        try
        {
            Environment.SetEnvironmentVariable("GEMMAVK_MACHINE_CODE", "off");
            using CpuBackend off = new(new CpuOptions(Threads: 1));
            Assert.False(off.MachineCode);
            Environment.SetEnvironmentVariable("GEMMAVK_MACHINE_CODE", "perhaps");
            Assert.Contains("'perhaps'", Assert.Throws<GemmaVkException>(() => new CpuBackend(new CpuOptions(Threads: 1))).Message);
            using CpuBackend asked = new(new CpuOptions(Threads: 1, MachineCode: true));
            using CpuBackend refused = new(new CpuOptions(Threads: 1, MachineCode: false));
            Assert.Equal(ProductCode.Choose(CpuDescription.Best, "on", ProductCode.Of, out _) is not null, asked.MachineCode);
            Assert.False(refused.MachineCode);
            Assert.Contains(refused.Device.Details, line => line.StartsWith("machine code of its own: none: ", StringComparison.Ordinal));
            Assert.Contains(asked.Device.Details, line => line.StartsWith(asked.MachineCode ? "machine code of its own: products" : "machine code of its own: none: ", StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable("GEMMAVK_MACHINE_CODE", before);
        }
    }

    [Fact]
    public void AMappedMatrixIsUsedInPlaceAndAReadOneInBlocks()
    {
        using CpuBackend backend = new();
        float[] rows = [.. Enumerable.Range(0, 96 * 64).Select(i => (float)i)];
        GCHandle pinned = GCHandle.Alloc(rows, GCHandleType.Pinned);
        try
        {
            using WeightMatrix mapped = backend.Place(new FloatRows(rows, pinned.AddrOfPinnedObject()));
            rows[70] = -1;
            float[] read = new float[1];
            backend.Read<float>(mapped.Data, read, 70);
            Assert.Equal(-1, read[0]);
        }
        finally
        {
            pinned.Free();
        }

        List<long> progress = [];
        using WeightMatrix placed = backend.Place(new FloatRows(rows, 0), bytes =>
        {
            lock (progress)
            {
                progress.Add(bytes);
            }
        });
        float[] all = new float[rows.Length];
        backend.Read<float>(placed.Data, all);
        Assert.Equal(rows, all);
        Assert.Equal(placed.Bytes, progress.Sum());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryRowIsPrefetchedAndReleasedOnceItWasCopied(bool mapped)
    {
        using CpuBackend backend = new();
        GCHandle pinned = GCHandle.Alloc(new float[64], GCHandleType.Pinned);
        try
        {
            AdvisedRows rows = new(mapped ? pinned.AddrOfPinnedObject() : 0);
            long placed = 0;
            backend.Place(rows, bytes => Interlocked.Add(ref placed, bytes)).Dispose();
            Assert.Equal(rows.Rows * 4L * rows.Columns, placed);
            Assert.All(rows.Prefetched, count => Assert.Equal(1, count));
            Assert.All(rows.Released, count => Assert.Equal(mapped ? 0 : 1, count));
        }
        finally
        {
            pinned.Free();
        }
    }

    [Fact]
    public void ASourceThatFailsThrowsItsOwnException()
    {
        using CpuBackend backend = new();
        Assert.Equal("broken", Assert.Throws<GemmaVkException>(() => backend.Place(new FloatRows([], 0))).Message);
    }

    [Fact]
    public void ThreadsDoNotChangeResults()
    {
        float[] x = [.. Enumerable.Range(0, 3 * 96).Select(i => MathF.Sin(i))];
        float[] rows = [.. Enumerable.Range(0, 96 * 64).Select(i => MathF.Cos(i * 1.7f))];
        float[][] results = [.. new[] { 1, 2 }.Select(threads =>
        {
            using CpuBackend backend = new(new CpuOptions(Threads: threads));
            using WeightMatrix w = backend.Place(new FloatRows(rows, 0));
            using BufferHandle input = backend.Allocate("x", DType.F32, new Shape(3, 64));
            using BufferHandle y = backend.Allocate("y", DType.F32, new Shape(3, 96));
            backend.Write<float>(input, x.AsSpan(0, 192));
            backend.Run(backend.Record("r", pass => pass.MatVec(new(new Activations(input), w, y, 3))));
            float[] result = new float[3 * 96];
            backend.Read<float>(y, result);
            return result;
        })];
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void BandwidthIsMeasured()
    {
        using CpuBackend backend = new();
        Assert.InRange(backend.MeasureReadBandwidth(), 1e8, 1e13);
    }

    private sealed class ForeignRecording : IRecording
    {
        public string Name => "foreign";

        public void Dispose()
        {
        }
    }

    /// <summary>Rows of 64 floats; none at all stands for a file that cannot be read.</summary>
    private sealed class FloatRows(float[] values, nint mapped) : MatrixSource
    {
        public override string Name => "rows";

        public override DType Format => DType.F32;

        public override int Rows => Math.Max(1, values.Length / 64);

        public override int Columns => 64;

        public override nint MappedData => mapped;

        public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
        {
            if (values.Length == 0)
            {
                throw new GemmaVkException("broken");
            }

            MemoryMarshal.AsBytes(values.AsSpan(first * 64, count * 64)).CopyTo(data);
        }
    }

    /// <summary>Counts what it is told about its rows: several blocks of them.</summary>
    private sealed class AdvisedRows(nint mapped) : MatrixSource
    {
        public int[] Prefetched { get; } = new int[9000];

        public int[] Released { get; } = new int[9000];

        public override string Name => "advised";

        public override DType Format => DType.F32;

        public override int Rows => 9000;

        public override int Columns => 320;

        public override nint MappedData => mapped;

        public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale) =>
            Assert.All(Released[first..(first + count)], released => Assert.Equal(0, released));

        public override void Prefetch(int first, int count) => Count(Prefetched, first, count);

        public override void Release(int first, int count) => Count(Released, first, count);

        private static void Count(int[] rows, int first, int count)
        {
            foreach (ref int row in rows.AsSpan(first, count))
            {
                Interlocked.Increment(ref row);
            }
        }
    }

    private sealed class Zeros(int rows, int columns) : MatrixSource
    {
        public override string Name => "zeros";

        public override DType Format => DType.F32;

        public override int Rows => rows;

        public override int Columns => columns;

        public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale) => data.Clear();
    }
}
