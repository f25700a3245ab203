using System;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu.Memory;

/// <summary>
/// Host memory that kernels read where it is, such as a mapped weight file (VK_EXT_external_memory_host). For drivers that
/// compute in host memory anyway: a card would fetch every byte over its bus, again and again.
/// </summary>
internal sealed unsafe partial class DeviceHeap
{
    /// <summary>Lets kernels read host memory in place. False where the driver, the address or the device forbids it.</summary>
    /// <param name="pointer">First byte; the whole pages around the data must be mapped, and stay so until the range is given back.</param>
    /// <param name="bytes">Number of bytes.</param>
    /// <param name="range">The imported memory; kernels and copies must not write to it.</param>
    public bool TryImport(byte* pointer, long bytes, out HeapRange range)
    {
        range = default;
        ulong grain = (ulong)device.Features.HostImportAlignment;
        if (grain == 0 || bytes <= 0 || device.Info.Type is not (GpuDeviceType.Software or GpuDeviceType.Integrated))
            return false;
        ulong lead = (ulong)pointer % grain;
        ulong size = (lead + (ulong)bytes + grain - 1) / grain * grain;
        if (lead % Alignment != 0 || size > (ulong)device.Features.MaxMemoryAllocation)
            return false;

        byte* start = pointer - lead;
        VkMemoryHostPointerPropertiesEXT properties = VkMemoryHostPointerPropertiesEXT.New;
        VkResult result = device.Vk.vkGetMemoryHostPointerPropertiesEXT(
            device.Handle, VkExternalMemoryHandleTypeFlags.HostAllocationEXT, start, &properties);
        if (result != VkResult.Success || !TryImport(start, size, properties.memoryTypeBits, out HeapBlock? block))
            return false;

        // The pages before and after the data stay out of reach: the whole block counts as taken.
        block!.Free.TryTake(size, out _);
        blocks.Add(block);
        range = new HeapRange(this, block, 0, size) { Lead = lead };
        return true;
    }

    private bool TryImport(byte* start, ulong size, uint allowedTypes, out HeapBlock? block)
    {
        block = null;
        VkExternalMemoryBufferCreateInfo external = VkExternalMemoryBufferCreateInfo.New;
        external.handleTypes = VkExternalMemoryHandleTypeFlags.HostAllocationEXT;
        VkBufferCreateInfo info = VkBufferCreateInfo.New;
        info.pNext = &external;
        info.size = size;
        info.usage = Usage;
        VkBuffer buffer;
        if (device.Vk.vkCreateBuffer(device.Handle, &info, null, &buffer) != VkResult.Success)
            return false;

        VkMemoryRequirements requirements;
        device.Vk.vkGetBufferMemoryRequirements(device.Handle, buffer, &requirements);
        int type = MemoryTypes.Choose(memory, requirements.memoryTypeBits & allowedTypes, MemoryKind.Host);
        VkImportMemoryHostPointerInfoEXT import = VkImportMemoryHostPointerInfoEXT.New;
        import.handleType = VkExternalMemoryHandleTypeFlags.HostAllocationEXT;
        import.pHostPointer = start;
        VkMemoryAllocateInfo allocate = VkMemoryAllocateInfo.New;
        allocate.pNext = &import;
        allocate.allocationSize = size;
        allocate.memoryTypeIndex = (uint)Math.Max(0, type);
        VkDeviceMemory imported = default;
        bool fits = type >= 0 && requirements.size <= size
            && device.Vk.vkAllocateMemory(device.Handle, &allocate, null, &imported) == VkResult.Success;
        if (!fits)
        {
            device.Vk.vkDestroyBuffer(device.Handle, buffer, null);
            return false;
        }

        device.Vk.vkBindBufferMemory(device.Handle, buffer, imported, 0).Check("binding imported memory", device.Info.Name);
        device.Name(VkObjectType.Buffer, buffer.Value, $"host memory, {size >> 20} MiB");
        block = new HeapBlock(MemoryKind.Host, buffer, imported, size, start, cached: true) { Imported = true };
        return true;
    }
}
