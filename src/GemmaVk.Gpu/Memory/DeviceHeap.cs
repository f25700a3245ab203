using System;
using System.Collections.Generic;
using GemmaVk.Tensors;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu.Memory;

/// <summary>
/// Sub-allocates device memory. A block is one VkDeviceMemory with one VkBuffer over all of it (drivers allow only a few
/// thousand allocations); what is handed out are aligned ranges. Blocks grow with use, so that a small model takes
/// little and a large one wastes little at block ends.
/// </summary>
internal sealed unsafe partial class DeviceHeap(GpuDevice device) : IDisposable
{
    /// <summary>Bytes to which every allocation is aligned and rounded: the largest offset alignment that a driver may ask for.</summary>
    public const ulong Alignment = 256;

    /// <summary>What every block's buffer may be used for.</summary>
    public const VkBufferUsageFlags Usage = VkBufferUsageFlags.StorageBuffer | VkBufferUsageFlags.TransferSrc | VkBufferUsageFlags.TransferDst;

    private const ulong MinBlock = 32UL << 20;
    private const ulong MaxBlock = 1UL << 30;
    private const ulong HostBlock = 8UL << 20;

    private readonly List<HeapBlock> blocks = [];
    private readonly VkPhysicalDeviceMemoryProperties memory = device.MemoryProperties();

    /// <summary>Most bytes of one allocation.</summary>
    public long MaxAllocation => (long)(Math.Min((ulong)device.Features.MaxMemoryAllocation, MaxBlock) & ~(Alignment - 1));

    /// <summary>Bytes taken from the driver for device memory.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Bytes of device memory that this process may use in all, for plans and messages.</summary>
    public long BudgetBytes => device.Options.MemoryLimit ?? device.HeapBudget((int)memory.memoryTypes[Math.Max(0, MemoryTypes.Choose(memory, uint.MaxValue, MemoryKind.Device))].heapIndex);

    /// <summary>Memory for <paramref name="bytes"/>, aligned to <see cref="Alignment"/>; content undefined.</summary>
    /// <exception cref="GemmaVkException">The device has no room.</exception>
    public HeapRange Allocate(string name, long bytes, MemoryKind kind)
    {
        ulong size = Math.Max(Alignment, ((ulong)bytes + Alignment - 1) & ~(Alignment - 1));
        foreach (HeapBlock block in blocks)
        {
            if (block.Kind == kind && block.Free.TryTake(size, out ulong offset))
                return new HeapRange(this, block, offset, size);
        }

        HeapBlock added = AddBlock(name, size, kind);
        added.Free.TryTake(size, out ulong first);
        return new HeapRange(this, added, first, size);
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

    private HeapBlock AddBlock(string name, ulong size, MemoryKind kind)
    {
        ulong wanted = kind == MemoryKind.Host ? HostBlock : Math.Clamp((ulong)ReservedBytes, MinBlock, MaxBlock);
        wanted = Math.Max(size, Math.Min(wanted, (ulong)MaxAllocation));
        if (kind == MemoryKind.Device && device.Options.MemoryLimit is { } limit)
            wanted = Math.Max(size, Math.Min(wanted, (ulong)Math.Max(0, limit - ReservedBytes)));
        VkResult result = TryAddBlock(wanted, kind, out HeapBlock? block);
        // Near the end of the memory a block of exactly what is needed may still fit.
        if (result is VkResult.ErrorOutOfDeviceMemory or VkResult.ErrorOutOfHostMemory && wanted > size)
            result = TryAddBlock(size, kind, out block);
        if (result is VkResult.ErrorOutOfDeviceMemory or VkResult.ErrorOutOfHostMemory)
        {
            throw new GemmaVkException(
                $"{device.Info.Name} has no room for '{name}': {size} bytes are needed, {ReservedBytes} of {BudgetBytes} are in use by this process. "
                + "Ask for a shorter context or smaller weights, or run on the CPU.");
        }

        result.Check($"allocating {wanted} bytes for '{name}'", device.Info.Name);
        blocks.Add(block!);
        return block!;
    }

    private VkResult TryAddBlock(ulong size, MemoryKind kind, out HeapBlock? block)
    {
        block = null;
        if (kind == MemoryKind.Device && ReservedBytes + (long)size > device.Options.MemoryLimit)
            return VkResult.ErrorOutOfDeviceMemory;
        VkBufferCreateInfo info = VkBufferCreateInfo.New;
        info.size = size;
        info.usage = Usage;
        VkBuffer buffer;
        VkResult result = device.Vk.vkCreateBuffer(device.Handle, &info, null, &buffer);
        if (result != VkResult.Success)
            return result;

        VkMemoryRequirements requirements;
        device.Vk.vkGetBufferMemoryRequirements(device.Handle, buffer, &requirements);
        int type = MemoryTypes.Choose(memory, requirements.memoryTypeBits, kind);
        if (type < 0)
        {
            device.Vk.vkDestroyBuffer(device.Handle, buffer, null);
            throw new GemmaVkException($"{device.Info.Name} has no {(kind == MemoryKind.Host ? "host-visible" : "device-local")} memory for storage buffers.");
        }

        VkMemoryAllocateInfo allocate = VkMemoryAllocateInfo.New;
        allocate.allocationSize = requirements.size;
        allocate.memoryTypeIndex = (uint)type;
        VkDeviceMemory allocated;
        result = device.Vk.vkAllocateMemory(device.Handle, &allocate, null, &allocated);
        if (result != VkResult.Success)
        {
            device.Vk.vkDestroyBuffer(device.Handle, buffer, null);
            return result;
        }

        device.Vk.vkBindBufferMemory(device.Handle, buffer, allocated, 0).Check("binding memory", device.Info.Name);
        VkMemoryPropertyFlags flags = memory.memoryTypes[type].propertyFlags;
        bool mappable = flags.HasFlag(VkMemoryPropertyFlags.HostVisible | VkMemoryPropertyFlags.HostCoherent)
            && !(kind == MemoryKind.Device && device.Options.AlwaysStage);
        void* mapped = null;
        if (mappable)
            device.Vk.vkMapMemory(device.Handle, allocated, 0, VkConstants.VK_WHOLE_SIZE, 0, &mapped).Check("mapping memory", device.Info.Name);
        device.Name(VkObjectType.Buffer, buffer.Value, $"{kind} block of {size >> 20} MiB");
        block = new HeapBlock(kind, buffer, allocated, size, (byte*)mapped, flags.HasFlag(VkMemoryPropertyFlags.HostCached));
        if (kind == MemoryKind.Device)
            ReservedBytes += (long)size;
        return VkResult.Success;
    }

    private void Destroy(HeapBlock block)
    {
        device.Vk.vkDestroyBuffer(device.Handle, block.Buffer, null);
        device.Vk.vkFreeMemory(device.Handle, block.Memory, null);
        if (block.Kind == MemoryKind.Device)
            ReservedBytes -= (long)block.Size;
    }
}

/// <summary>One allocation from the driver. <paramref name="mapped"/> is null where the host cannot see it.</summary>
internal sealed unsafe class HeapBlock(MemoryKind kind, VkBuffer buffer, VkDeviceMemory memory, ulong size, byte* mapped, bool cached)
{
    public MemoryKind Kind { get; } = kind;

    public VkBuffer Buffer { get; } = buffer;

    public VkDeviceMemory Memory { get; } = memory;

    public ulong Size { get; } = size;

    public byte* Mapped { get; } = mapped;

    /// <summary>The host may read the mapping at full speed.</summary>
    public bool HostCached { get; } = cached;

    public FreeList Free { get; } = new(size);
}

/// <summary>A range taken from a block; give it back by disposing it once.</summary>
internal readonly unsafe record struct HeapRange(DeviceHeap Heap, HeapBlock Block, ulong Offset, ulong Size) : IDisposable
{
    /// <summary>Bytes before the data: imported memory begins at a page.</summary>
    public ulong Lead { get; init; }

    /// <summary>Offset of the data in the block's buffer.</summary>
    public ulong DataOffset => Offset + Lead;

    /// <summary>Host address of the data, or null.</summary>
    public byte* Mapped => Block.Mapped is null ? null : Block.Mapped + DataOffset;

    public void Dispose() => Heap.Return(Block, Offset, Size);
}
