using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Driver;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace GemmaVk.Gpu.Memory;

/// <summary>
/// Sub-allocates device memory. A block is one VkDeviceMemory with one VkBuffer over all of it; what is handed out are
/// aligned ranges. Large ranges get blocks of their own, exactly as large as they are; small ones share blocks (drivers
/// allow only a few thousand allocations), which grow with use or, when <see cref="Prepare"/> said what will come, hold
/// just that. Then what is taken from the driver is the sum of the ranges.
/// </summary>
internal sealed unsafe partial class DeviceHeap(GpuDevice device) : IDisposable
{
    /// <summary>Bytes to which every allocation is aligned and rounded: the largest offset alignment that a driver may ask for.</summary>
    public const ulong Alignment = 256;

    /// <summary>What every block's buffer may be used for.</summary>
    public const BufferUsageFlags Usage = BufferUsageFlags.StorageBufferBit | BufferUsageFlags.TransferSrcBit | BufferUsageFlags.TransferDstBit;

    private const ulong MinBlock = 32UL << 20;
    private const ulong MaxBlock = 1UL << 30;
    private const ulong HostBlock = 8UL << 20;
    private const ulong Large = 1UL << 20;

    private readonly List<HeapBlock> blocks = [];
    private readonly PhysicalDeviceMemoryProperties memory = device.MemoryProperties();

    /// <summary>Most bytes of one allocation.</summary>
    public long MaxAllocation => MaxAllocationOf(device.Features.MaxMemoryAllocation);

    /// <summary>Bytes taken from the driver for device memory.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Bytes taken from the driver for memory that the host sees.</summary>
    public long HostReservedBytes { get; private set; }

    /// <summary>Bytes of device memory that this process may use in all, for plans and messages.</summary>
    public long BudgetBytes => device.Options.MemoryLimit ?? device.HeapBudget((int)memory.MemoryTypes[Math.Max(0, MemoryTypes.Choose(memory, uint.MaxValue, MemoryKind.Device))].HeapIndex);

    /// <summary>Memory for <paramref name="bytes"/>, aligned to <see cref="Alignment"/>; content undefined.</summary>
    /// <exception cref="GemmaVkException">The device has no room.</exception>
    public HeapRange Allocate(string name, long bytes, MemoryKind kind)
    {
        ulong size = (ulong)GemmaVk.Kernels.DeviceMemory.RoundUp(bytes, (long)Alignment);
        bool own = size >= Large;
        foreach (HeapBlock block in blocks)
        {
            if (!own && block.Kind == kind && block.Free.TryTake(size, out ulong offset))
                return new HeapRange(this, block, offset, size);
        }

        HeapBlock added = AddBlock(name, size, kind, own);
        added.Free.TryTake(size, out ulong first);
        return new HeapRange(this, added, first, size);
    }

    /// <summary>Most bytes of one allocation on a device that allows <paramref name="maxMemoryAllocation"/>.</summary>
    public static long MaxAllocationOf(long maxMemoryAllocation) => (long)(Math.Min((ulong)maxMemoryAllocation, MaxBlock) & ~(Alignment - 1));

    /// <summary>Takes one block of each kind for the small ones among the pieces that will be asked for.</summary>
    /// <param name="pieces">Bytes and kind of each.</param>
    public void Prepare(IEnumerable<(long Bytes, MemoryKind Kind)> pieces)
    {
        ulong[] small = new ulong[3];
        foreach ((long bytes, MemoryKind kind) in pieces)
        {
            ulong size = (ulong)GemmaVk.Kernels.DeviceMemory.RoundUp(bytes, (long)Alignment);
            small[(int)kind] += size < Large ? size : 0;
        }

        foreach (MemoryKind kind in (MemoryKind[])[MemoryKind.Device, MemoryKind.Host, MemoryKind.Input])
        {
            ulong size = Math.Min(small[(int)kind], (ulong)MaxAllocation);
            if (size > 0)
                AddBlock("small buffers", size, kind, own: true);
        }
    }

    internal void Return(HeapBlock block, ulong offset, ulong size)
    {
        block.Free.Return(offset, size);
        if (!block.Free.IsEmpty)
            return;
        blocks.Remove(block);
        Destroy(block);
    }

    public void Dispose()
    {
        foreach (HeapBlock block in blocks)
            Destroy(block);
        blocks.Clear();
    }

    private HeapBlock AddBlock(string name, ulong size, MemoryKind kind, bool own)
    {
        ulong wanted = own ? size : kind == MemoryKind.Device ? MinBlock : HostBlock;
        wanted = Math.Max(size, Math.Min(wanted, (ulong)MaxAllocation));
        if (kind == MemoryKind.Device && device.Options.MemoryLimit is { } limit)
            wanted = Math.Max(size, Math.Min(wanted, (ulong)Math.Max(0, limit - ReservedBytes)));
        Result result = TryAddBlock(wanted, kind, kind, out HeapBlock? block);
        // Near the end of the memory a block of exactly what is needed may still fit.
        if (result is Result.ErrorOutOfDeviceMemory or Result.ErrorOutOfHostMemory && wanted > size)
            result = TryAddBlock(size, kind, kind, out block);
        // What of a card's memory the host can write to may be a small window, and full.
        if (result is Result.ErrorOutOfDeviceMemory or Result.ErrorOutOfHostMemory && kind == MemoryKind.Input)
            result = TryAddBlock(size, kind, MemoryKind.Host, out block);
        if (result is Result.ErrorOutOfDeviceMemory or Result.ErrorOutOfHostMemory)
        {
            throw new GemmaVkException(
                $"{device.Info.Name} has no room for '{name}': {size} bytes are needed, {ReservedBytes} of {BudgetBytes} are in use by this process. "
                + "Ask for a shorter context or smaller weights, or run on the CPU.");
        }

        result.Check($"allocating {wanted} bytes for '{name}'", device.Info.Name);
        blocks.Add(block!);
        return block!;
    }

    /// <summary>Takes a block of a kind, in memory that is best for that kind or for another.</summary>
    private Result TryAddBlock(ulong size, MemoryKind kind, MemoryKind where, out HeapBlock? block)
    {
        block = null;
        if (kind == MemoryKind.Device && ReservedBytes + (long)size > device.Options.MemoryLimit)
            return Result.ErrorOutOfDeviceMemory;
        BufferCreateInfo info = new() { SType = StructureType.BufferCreateInfo, Size = size, Usage = Usage };
        Buffer buffer;
        Result result = device.Vk.CreateBuffer(device.Handle, &info, null, &buffer);
        if (result != Result.Success)
            return result;

        MemoryRequirements requirements;
        device.Vk.GetBufferMemoryRequirements(device.Handle, buffer, &requirements);
        int type = MemoryTypes.Choose(memory, requirements.MemoryTypeBits, where);
        if (type < 0)
        {
            device.Vk.DestroyBuffer(device.Handle, buffer, null);
            throw new GemmaVkException($"{device.Info.Name} has no {(kind == MemoryKind.Device ? "device-local" : "host-visible")} memory for storage buffers.");
        }

        MemoryAllocateInfo allocate = new()
        {
            SType = StructureType.MemoryAllocateInfo,
            AllocationSize = requirements.Size,
            MemoryTypeIndex = (uint)type,
        };
        DeviceMemory allocated;
        result = device.Vk.AllocateMemory(device.Handle, &allocate, null, &allocated);
        if (result != Result.Success)
        {
            device.Vk.DestroyBuffer(device.Handle, buffer, null);
            return result;
        }

        MemoryPropertyFlags flags = memory.MemoryTypes[type].PropertyFlags;
        bool mappable = flags.HasFlag(MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit)
            && !(kind == MemoryKind.Device && device.Options.AlwaysStage);
        void* mapped = null;
        result = device.Vk.BindBufferMemory(device.Handle, buffer, allocated, 0);
        if (result == Result.Success && mappable)
            result = device.Vk.MapMemory(device.Handle, allocated, 0, Vk.WholeSize, 0, &mapped);
        if (result != Result.Success)
        {
            device.Vk.DestroyBuffer(device.Handle, buffer, null);
            device.Vk.FreeMemory(device.Handle, allocated, null);
            return result;
        }

        device.Name(ObjectType.Buffer, buffer.Handle, $"{kind} block of {size >> 20} MiB");
        block = new HeapBlock(kind, buffer, allocated, size, (byte*)mapped, flags.HasFlag(MemoryPropertyFlags.HostCachedBit));
        if (kind == MemoryKind.Device)
            ReservedBytes += (long)size;
        else
            HostReservedBytes += (long)size;
        return Result.Success;
    }

    private void Destroy(HeapBlock block)
    {
        device.Vk.DestroyBuffer(device.Handle, block.Buffer, null);
        device.Vk.FreeMemory(device.Handle, block.Memory, null);
        if (block.Kind == MemoryKind.Device)
            ReservedBytes -= (long)block.Size;
        else
            HostReservedBytes -= block.Imported ? 0 : (long)block.Size;
    }
}

/// <summary>One allocation from the driver. <paramref name="mapped"/> is null where the host cannot see it.</summary>
internal sealed unsafe class HeapBlock(MemoryKind kind, Buffer buffer, DeviceMemory memory, ulong size, byte* mapped, bool cached)
{
    public MemoryKind Kind { get; } = kind;

    public Buffer Buffer { get; } = buffer;

    public DeviceMemory Memory { get; } = memory;

    public ulong Size { get; } = size;

    public byte* Mapped { get; } = mapped;

    /// <summary>The host may read the mapping at full speed.</summary>
    public bool HostCached { get; } = cached;

    public FreeList Free { get; } = new(size);

    /// <summary>Memory of the host that kernels read in place.</summary>
    public bool Imported { get; init; }
}

/// <summary>A range taken from a block; give it back by disposing it once.</summary>
internal readonly unsafe record struct HeapRange(DeviceHeap Heap, HeapBlock Block, ulong Offset, ulong Size) : IDisposable
{
    /// <summary>Bytes before the data: imported memory begins at a page.</summary>
    public ulong Lead { get; init; }

    /// <summary>Offset of the data in the block's buffer.</summary>
    public ulong DataOffset => Offset + Lead;

    /// <summary>Host address of the data, or null. Not public: a record would print it, and a pointer prints nothing that can be compiled ahead of time.</summary>
    internal byte* Mapped => Block.Mapped is null ? null : Block.Mapped + DataOffset;

    public void Dispose() => Heap.Return(Block, Offset, Size);
}
