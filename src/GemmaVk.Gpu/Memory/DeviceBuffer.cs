using System;
using System.Collections.Generic;
using System.Numerics;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Memory;

/// <summary>
/// Memory for rows of equal size. What is larger than one binding may span lies in several chunks of whole rows, and a
/// kernel runs once per chunk; most buffers have one chunk.
/// </summary>
internal sealed unsafe class DeviceBuffer : IDisposable
{
    private readonly GpuDevice device;
    private readonly BufferChunk[] chunks;
    private readonly bool imported;
    private readonly int entry;
    private bool disposed;

    private DeviceBuffer(GpuDevice device, string name, long bytes, long rowBytes, BufferChunk[] chunks, bool imported)
    {
        entry = device.Ledger.Take(name, bytes, imported);
        this.imported = imported;
        this.device = device;
        this.chunks = chunks;
        Name = name;
        Bytes = bytes;
        RowBytes = rowBytes;
    }

    public string Name { get; }

    public long Bytes { get; }

    public long RowBytes { get; }

    /// <summary>The chunks in row order.</summary>
    public IReadOnlyList<BufferChunk> Chunks => chunks;

    /// <summary>All of a buffer that has one chunk.</summary>
    /// <exception cref="InvalidOperationException">It has several.</exception>
    public BufferRange Range => chunks.Length == 1
        ? chunks[0].Range
        : throw new InvalidOperationException($"'{Name}' lies in {chunks.Length} chunks; run the kernel once for each.");

    /// <summary>Allocates <paramref name="bytes"/> as rows of <paramref name="rowBytes"/> that are never torn apart.</summary>
    /// <exception cref="GemmaVkException">One row is larger than a binding may be, or the device has no room.</exception>
    public static DeviceBuffer Allocate(GpuDevice device, string name, long bytes, long rowBytes = 4, MemoryKind kind = MemoryKind.Device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowBytes);
        long limit = BindingLimit(device);
        if (bytes > limit && rowBytes > limit)
            throw new GemmaVkException($"'{name}' has rows of {rowBytes} bytes, but {device.Info.Name} binds at most {limit}: run on the CPU.");

        List<BufferChunk> chunks = [];
        try
        {
            long offset = 0;
            foreach (long size in BufferSize.Pieces(bytes, rowBytes, limit))
            {
                chunks.Add(BufferChunk.At(offset, size, rowBytes, device.Heap.Allocate(name, size, kind)));
                offset += size;
            }
        }
        catch
        {
            chunks.ForEach(c => c.Memory.Dispose());
            throw;
        }

        return new DeviceBuffer(device, name, bytes, rowBytes, [.. chunks], imported: false);
    }

    /// <summary>
    /// A buffer over host memory that kernels read where it is, or null where that cannot be (see
    /// <see cref="DeviceHeap.TryImport"/>). It cannot be written.
    /// </summary>
    public static DeviceBuffer? TryImport(GpuDevice device, string name, byte* pointer, long bytes, long rowBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowBytes);
        // Every chunk has to begin at an address that can be bound.
        long grain = rowBytes * (long)(DeviceHeap.Alignment / BigInteger.GreatestCommonDivisor(rowBytes, DeviceHeap.Alignment));
        long limit = BindingLimit(device);
        long chunkBytes = bytes <= limit ? bytes : limit / grain * grain;
        // The last binding is rounded up to whole vectors, which must not reach beyond the mapping.
        if (chunkBytes <= 0 || bytes % BufferChunk.BindingGrain != 0)
            return null;

        List<BufferChunk> chunks = [];
        for (long offset = 0; offset < bytes; offset += chunkBytes)
        {
            long size = Math.Min(chunkBytes, bytes - offset);
            if (!device.Heap.TryImport(pointer + offset, size, out HeapRange memory))
            {
                chunks.ForEach(c => c.Memory.Dispose());
                return null;
            }

            chunks.Add(BufferChunk.At(offset, size, rowBytes, memory));
        }

        return new DeviceBuffer(device, name, bytes, rowBytes, [.. chunks], imported: true);
    }

    /// <summary>Host address of a buffer with one host-visible chunk, or null.</summary>
    public byte* Mapped => chunks.Length == 1 ? chunks[0].Memory.Mapped : null;

    /// <summary>Copies host bytes in, from byte <paramref name="offset"/> on, after running work; they may be reused at once.</summary>
    public void Write(ReadOnlySpan<byte> data, long offset = 0)
    {
        Check(offset, data.Length);
        if (imported)
            throw new InvalidOperationException($"'{Name}' is imported host memory, which is read only.");
        foreach (BufferChunk chunk in chunks)
        {
            (long at, int from, int count) = chunk.Overlap(offset, data.Length);
            if (count == 0)
                continue;
            if (chunk.Memory.Mapped is not null)
            {
                device.WaitIdle();
                data.Slice(from, count).CopyTo(new Span<byte>(chunk.Memory.Mapped + at, count));
            }
            else
            {
                device.Staging.Upload(data.Slice(from, count), chunk.Range, at);
            }
        }
    }

    /// <summary>Copies bytes out, from byte <paramref name="offset"/> on. Waits for running work first.</summary>
    public void Read(Span<byte> data, long offset = 0)
    {
        Check(offset, data.Length);
        foreach (BufferChunk chunk in chunks)
        {
            (long at, int from, int count) = chunk.Overlap(offset, data.Length);
            if (count == 0)
                continue;
            if (chunk.Memory.Mapped is not null && chunk.Memory.Block.HostCached)
            {
                device.WaitIdle();
                new ReadOnlySpan<byte>(chunk.Memory.Mapped + at, count).CopyTo(data.Slice(from, count));
            }
            else
            {
                device.Staging.Download(chunk.Range, at, data.Slice(from, count));
            }
        }
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        device.Ledger.Return(entry);
        device.Quiesce();
        foreach (BufferChunk chunk in chunks)
            chunk.Memory.Dispose();
    }

    /// <summary>Most bytes of one chunk, in whole vectors.</summary>
    public static long BindingLimit(long maxStorageBufferRange, long maxAllocation, GpuOptions options) => BufferChunk.BindingGrain
        * (Math.Min(Math.Min(maxStorageBufferRange, maxAllocation), options.MaxChunkBytes) / BufferChunk.BindingGrain);

    private static long BindingLimit(GpuDevice device) => BindingLimit(device.Features.MaxStorageBufferRange, device.Heap.MaxAllocation, device.Options);

    private void Check(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (offset < 0 || offset + count > Bytes)
            throw new ArgumentOutOfRangeException(nameof(offset), $"bytes {offset}..{offset + count} of '{Name}', which has {Bytes}");
    }
}

/// <summary>A piece of a buffer that one binding can span.</summary>
/// <param name="Offset">First byte within the buffer.</param>
/// <param name="Bytes">Bytes of the buffer in this chunk.</param>
/// <param name="FirstRow">First row within the buffer.</param>
/// <param name="Rows">Rows in this chunk.</param>
/// <param name="Range">What to bind; up to 15 bytes longer than the data.</param>
/// <param name="Memory">Where it lies.</param>
internal sealed record BufferChunk(long Offset, long Bytes, long FirstRow, long Rows, BufferRange Range, HeapRange Memory)
{
    /// <summary>A shader may read a buffer as 16-byte vectors, so the last one must lie inside the bound range.</summary>
    public const long BindingGrain = 16;

    /// <summary>Describes the chunk at <paramref name="offset"/> of a buffer, which lies in <paramref name="memory"/>.</summary>
    public static BufferChunk At(long offset, long bytes, long rowBytes, HeapRange memory)
    {
        ulong bound = (ulong)Math.Max(BindingGrain, (bytes + BindingGrain - 1) / BindingGrain * BindingGrain);
        return new BufferChunk(offset, bytes, offset / rowBytes, bytes / rowBytes, new BufferRange(memory.Block.Buffer, memory.DataOffset, bound), memory);
    }

    /// <summary>What of buffer bytes offset..offset+count lies here: position here, position in the count, and how many.</summary>
    public (long At, int From, int Count) Overlap(long offset, long count)
    {
        long begin = Math.Max(offset, Offset);
        long end = Math.Min(offset + count, Offset + Bytes);
        return end <= begin ? (0, 0, 0) : (begin - Offset, (int)(begin - offset), (int)(end - begin));
    }
}
