using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using FsCheck.Xunit;
using GemmaVk.Gpu.Memory;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Bytes that go in come out, whatever their number and wherever they lie.</summary>
public sealed unsafe class MemoryTests
{
    private const int Chunk = 4096;

    public static TheoryData<bool, bool, int> Sizes()
    {
        TheoryData<bool, bool, int> data = [];
        foreach (bool stage in new[] { false, true })
        {
            foreach (bool host in new[] { false, true })
            {
                foreach (int size in new[] { 0, 1, 3, 255, 256, 257, Chunk, Chunk + 1, (3 * Chunk) + 17 })
                    data.Add(stage, host, size);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RoundTrip(bool stage, bool host, int size)
    {
        MemoryKind kind = host ? MemoryKind.Host : MemoryKind.Device;
        using TestDevice test = new(o => o with { AlwaysStage = stage, MaxChunkBytes = Chunk });
        using DeviceBuffer buffer = test.Buffer(size, rowBytes: 1, kind: kind);
        Assert.Equal(Math.Max(1, (size + Chunk - 1) / Chunk), buffer.Chunks.Count);
        Assert.Equal(stage && kind == MemoryKind.Device, buffer.Chunks[0].Memory.Mapped is null);
        byte[] data = Bytes(size, seed: size);
        buffer.Write(data);
        byte[] back = new byte[size];
        buffer.Read(back);
        Assert.Equal(data, back);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LargeUploadsUseEverySlot(bool stage)
    {
        int size = (StagingRing.SlotBytes * 4) + 12345;
        using TestDevice test = new(o => o with { AlwaysStage = stage });
        using DeviceBuffer buffer = test.Buffer(size, rowBytes: 1);
        byte[] data = Bytes(size, seed: 1);
        buffer.Write(data);
        byte[] back = new byte[size];
        buffer.Read(back);
        Assert.True(data.AsSpan().SequenceEqual(back), "what came back differs");
    }

    [Fact]
    public void PartsAreReadAndWrittenAcrossChunks()
    {
        using TestDevice staged = new(o => o with { AlwaysStage = true, MaxChunkBytes = Chunk });
        const int size = (5 * Chunk) + 100;
        using DeviceBuffer buffer = staged.Buffer(size, rowBytes: 100);
        byte[] model = Bytes(size / 100 * 100, seed: 2);
        using DeviceBuffer rows = staged.Buffer(model.Length, rowBytes: 100);
        rows.Write(model);
        Random random = new(3);
        for (int i = 0; i < 30; i++)
        {
            int offset = random.Next(model.Length);
            byte[] part = Bytes(random.Next(model.Length - offset), seed: i);
            part.CopyTo(model.AsSpan(offset));
            rows.Write(part, offset);
            byte[] back = new byte[random.Next(model.Length)];
            int from = random.Next(model.Length - back.Length);
            rows.Read(back, from);
            Assert.Equal(model.AsSpan(from, back.Length).ToArray(), back);
        }
    }

    [Fact]
    public void ChunksHoldWholeRows()
    {
        using TestDevice test = new(o => o with { MaxChunkBytes = Chunk });
        const int rowBytes = 1000;
        using DeviceBuffer buffer = test.Buffer(10 * rowBytes, rowBytes);
        Assert.Equal([4L, 4L, 2L], buffer.Chunks.Select(c => c.Rows));
        Assert.Equal([0L, 4L, 8L], buffer.Chunks.Select(c => c.FirstRow));
        Assert.All(buffer.Chunks, c => Assert.True(c.Range.Offset % DeviceHeap.Alignment == 0 && c.Range.Size % 16 == 0 && (long)c.Range.Size >= c.Bytes));
        Assert.Throws<InvalidOperationException>(() => buffer.Range);
    }

    [Fact]
    public void RowLargerThanABindingIsRefused()
    {
        using TestDevice test = new(o => o with { MaxChunkBytes = Chunk });
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => test.Buffer(4 * Chunk, rowBytes: 2 * Chunk));
        Assert.Contains($"{2 * Chunk}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AccessOutsideIsRefused()
    {
        using TestDevice test = new();
        using DeviceBuffer buffer = test.Buffer(100);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Write(new byte[1], 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Read(new byte[101]));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Read(new byte[1], -1));
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Read(new byte[1]));
    }

    [Fact]
    public void MoreThanTheDeviceHasIsRefusedWithNumbers()
    {
        const long limit = 48 << 20;
        using TestDevice test = new(o => o with { MemoryLimit = limit });
        Assert.Equal(limit, test.Device.Heap.BudgetBytes);
        using DeviceBuffer fits = test.Buffer(40 << 20);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => test.Buffer(16 << 20));
        Assert.Contains("no room for 'test'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{16 << 20} bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{limit}", error.Message, StringComparison.Ordinal);
        // The rest of the limit is still there to be used.
        using DeviceBuffer rest = test.Buffer(8 << 20);
        Assert.Equal(limit, test.Device.Heap.ReservedBytes);
    }

    [Fact]
    public void HostMemoryIsReadInPlace()
    {
        const int rowBytes = 512;
        const int bytes = rowBytes * 100;
        byte* host = (byte*)NativeMemory.AlignedAlloc(bytes + 8192, 4096);
        try
        {
            byte[] data = Bytes(bytes, seed: 4);
            data.CopyTo(new Span<byte>(host + 256, bytes));
            using TestDevice test = new(o => o with { MaxChunkBytes = 16 * 1024 });
            if (test.Device.Features.HostImportAlignment == 0 && !test.Device.Info.Name.StartsWith("llvmpipe", StringComparison.Ordinal))
            {
                // Another driver need not offer it.
                Assert.Null(DeviceBuffer.TryImport(test.Device, "imported", host + 256, bytes, rowBytes));
                return;
            }

            Assert.True(test.Device.Features.HostImportAlignment > 0, "lavapipe imports host memory");
            using DeviceBuffer imported = DeviceBuffer.TryImport(test.Device, "imported", host + 256, bytes, rowBytes)!;
            Assert.Equal(4, imported.Chunks.Count);
            Assert.True(imported.Chunks[0].Memory.Mapped == host + 256);

            using DeviceBuffer copy = test.Buffer(bytes, rowBytes);
            using (Commands.CommandRecorder recorder = new(test.Device, "copy"))
            {
                foreach ((BufferChunk from, BufferChunk to) in imported.Chunks.Zip(copy.Chunks))
                    recorder.Copy(from.Range, to.Range);
                using Commands.Recording recording = recorder.Finish();
                recording.Submit();
            }

            byte[] back = new byte[bytes];
            copy.Read(back);
            Assert.Equal(data, back);
            imported.Read(back.AsSpan(0, 1000), 5000);
            Assert.Equal(data.AsSpan(5000, 1000), back.AsSpan(0, 1000));
            Assert.Throws<InvalidOperationException>(() => imported.Write(back));
            // An address that no binding can begin at.
            Assert.Null(DeviceBuffer.TryImport(test.Device, "odd", host + 8, bytes, rowBytes));
        }
        finally
        {
            NativeMemory.AlignedFree(host);
        }
    }

    [Fact]
    public void FreedMemoryIsGivenBack()
    {
        using TestDevice test = new();
        long before = test.Device.Heap.ReservedBytes;
        DeviceBuffer[] buffers = [.. Enumerable.Range(1, 100).Select(i => test.Buffer(i * 1000))];
        Assert.True(test.Device.Heap.ReservedBytes > before);
        Assert.Equal(buffers.Length, buffers.Select(b => (b.Range.Buffer, b.Range.Offset)).Distinct().Count());
        foreach (DeviceBuffer buffer in buffers)
            buffer.Dispose();
        Assert.Equal(before, test.Device.Heap.ReservedBytes);
    }

    [Property(MaxTest = 100)]
    public bool FreeListNeverOverlapsAndForgetsNothing(int[] steps)
    {
        const ulong size = 64;
        FreeList list = new(size);
        bool[] used = new bool[size];
        List<(ulong Offset, ulong Size)> taken = [];
        foreach (int step in steps)
        {
            ulong bytes = (ulong)Math.Abs(step % 10) + 1;
            if (step >= 0 || taken.Count == 0)
            {
                bool fits = LongestRun(used) >= (int)bytes;
                if (list.TryTake(bytes, out ulong offset) != fits)
                    return false;
                if (!fits)
                    continue;
                for (ulong i = offset; i < offset + bytes; i++)
                {
                    if (used[i])
                        return false;
                    used[i] = true;
                }

                taken.Add((offset, bytes));
            }
            else
            {
                (ulong offset, ulong length) = taken[Math.Abs(step % 1000) % taken.Count];
                taken.Remove((offset, length));
                list.Return(offset, length);
                used.AsSpan((int)offset, (int)length).Clear();
            }

            if (list.FreeBytes != (ulong)used.Count(u => !u) || list.IsEmpty != (taken.Count == 0))
                return false;
        }

        return true;
    }

    [Fact]
    public void ReturningTwiceIsRefused()
    {
        FreeList list = new(1000);
        Assert.True(list.TryTake(100, out ulong a));
        Assert.True(list.TryTake(100, out ulong b));
        list.Return(a, 100);
        Assert.Throws<InvalidOperationException>(() => list.Return(a, 100));
        list.Return(b, 100);
        Assert.Throws<InvalidOperationException>(() => list.Return(b, 100));
    }

    private static int LongestRun(bool[] used)
    {
        int best = 0;
        int run = 0;
        foreach (bool u in used)
        {
            run = u ? 0 : run + 1;
            best = Math.Max(best, run);
        }

        return best;
    }

    private static byte[] Bytes(int count, int seed)
    {
        byte[] data = new byte[count];
        new Random(seed).NextBytes(data);
        return data;
    }
}
