using System;
using System.Linq;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

// Letters: T rows, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>What a plan counts is what the driver is asked for.</summary>
public sealed class PlannedMemoryTests
{
    [Fact]
    public void Prepared_buffers_take_what_they_are_and_nothing_for_blocks()
    {
        using TestBackend test = new(o => o with { MaxChunkBytes = 3 << 20 });
        DeviceMemory memory = test.Backend.Memory;
        BufferSize[] buffers =
        [
            new("small", 1000, 10), new("vector", 256, 256), new("step", 5000, 5000, BufferUse.Step), new("large", 2_500_001, 1),
            new("several", 10 << 20, 4096), new("logits", 2 << 20, 4096, BufferUse.Step),
        ];
        const long scratch = 77_777;
        long before = test.Backend.ReservedBytes;
        test.Backend.Prepare(buffers, scratch);
        BufferHandle[] made = [.. buffers.Select(b => test.Backend.Allocate(b.Name, DType.I8, new Shape(b.Bytes / b.RowBytes, b.RowBytes), b.Use))];
        long planned = buffers.Sum(b => memory.Taken(b)) + DeviceMemory.RoundUp(scratch, memory.Alignment);
        Assert.Equal(planned, test.Backend.ReservedBytes - before);
        Assert.Equal(buffers.Sum(b => b.Bytes) + scratch, test.Backend.Ledger.HeldBytes);

        // What is given back can be taken again in the same room.
        made[0].Dispose();
        using BufferHandle again = test.Backend.Allocate("small", DType.I8, new Shape(100, 10));
        Assert.Equal(planned, test.Backend.ReservedBytes - before);
        foreach (BufferHandle buffer in made)
            buffer.Dispose();
    }

    [Fact]
    public void The_numbers_are_those_of_the_open_device()
    {
        using TestBackend test = new(o => o with { MemoryLimit = 1L << 30 });
        DeviceMemory memory = test.Backend.Memory;
        Assert.Equal((1L << 30, 1L << 30, "--device-memory"), (memory.TotalBytes, memory.AvailableBytes, memory.Source));
        Assert.Equal((long)DeviceHeap.Alignment, memory.Alignment);
        Assert.Equal(0, memory.StagingBytes);
        Assert.True(memory is { IsSoftware: true, IsHostMemory: true, ReadsMappedFiles: false });
        Assert.InRange(memory.MaxPieceBytes, 128 << 20, Math.Min(test.Device.Features.MaxStorageBufferRange, test.Device.Heap.MaxAllocation));
        using TestBackend staged = new(o => o with { AlwaysStage = true });
        Assert.Equal(StagingRing.Bytes, staged.Backend.Memory.StagingBytes);
    }

    [Theory]
    [InlineData(8, 1, 64, 4000)]
    [InlineData(2, 2, 32, 5000)]
    [InlineData(4, 2, 32, 300)]
    public void Attention_stays_within_the_planned_scratch(int H, int K, int W, int R)
    {
        const int T = 20;
        // Up to three pieces, as the caches of long contexts have.
        using TestBackend test = new(o => o with { MaxChunkBytes = 300 << 10, Validation = false });
        PassShapes shapes = new(T, 1, 32, [new AttentionShape(H, K, W, R, DType.F16)]);
        using BufferHandle cache = test.Backend.Allocate("cache", DType.F16, new Shape(K, R, W));
        using BufferHandle q = test.Backend.Allocate("q", DType.F32, new Shape(T, H * W));
        using BufferHandle output = test.Backend.Allocate("out", DType.F32, new Shape(T, H * W));
        using BufferHandle positions = test.Backend.Allocate("positions", DType.I32, new Shape(T));
        using IRecording recording = test.Backend.Record("attention", pass =>
        {
            pass.AttentionDecode(new(q, new KvRows(cache, cache, R), positions, positions, output, 8, H, K, W, 0));
            pass.AttentionPrefill(new(q, new KvRows(cache, cache, R), positions, positions, output, T, H, K, W, 0));
        });
        long taken = test.Backend.Ledger.Held.Where(entry => entry.Name == "scratch").Max(entry => entry.Bytes);
        Assert.InRange(taken, 1, test.Backend.Memory.ScratchBytes(shapes));
    }

    [Theory]
    [InlineData(1, 262_144)]
    [InlineData(8, 5000)]
    [InlineData(3, 1)]
    public void Sampling_stays_within_the_planned_scratch(int T, int V)
    {
        using TestBackend test = new(o => o with { Validation = false });
        PassShapes shapes = new(T, V, 32, [new AttentionShape(1, 1, 2, 1, DType.F16)]);
        using BufferHandle logits = test.Backend.Allocate("logits", DType.F32, new Shape(T, V), BufferUse.Logits);
        using BufferHandle numbers = test.Backend.Allocate("numbers", DType.I32, new Shape(T));
        using BufferHandle ids = test.Backend.Allocate("ids", DType.I32, new Shape(T), BufferUse.Result);
        using IRecording recording = test.Backend.Record("sample", pass => pass.Sample(new(logits, numbers, 0, numbers, ids, T, V, default)));
        long taken = test.Backend.Ledger.Held.Where(entry => entry.Name == "scratch").Sum(entry => entry.Bytes);
        Assert.InRange(taken, 1, test.Backend.Memory.ScratchBytes(shapes));
    }
}
