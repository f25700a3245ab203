using System;
using GemmaVk.Gpu.Driver;
using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace GemmaVk.Gpu.Memory;

/// <summary>
/// Host memory that kernels read where it is, such as a mapped weight file (VK_EXT_external_memory_host). For drivers that
/// compute in host memory anyway: a card would fetch every byte over its bus, again and again.
/// </summary>
internal sealed unsafe partial class DeviceHeap
{
    private ExtExternalMemoryHost? hostMemory;

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
        hostMemory ??= new ExtExternalMemoryHost(device.Vk.Context);
        MemoryHostPointerPropertiesEXT properties = new() { SType = StructureType.MemoryHostPointerPropertiesExt };
        Result result = hostMemory.GetMemoryHostPointerProperties(
            device.Handle, ExternalMemoryHandleTypeFlags.HostAllocationBitExt, start, &properties);
        if (result != Result.Success || !TryImport(start, size, properties.MemoryTypeBits, out HeapBlock? block))
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
        ExternalMemoryBufferCreateInfo external = new()
        {
            SType = StructureType.ExternalMemoryBufferCreateInfo,
            HandleTypes = ExternalMemoryHandleTypeFlags.HostAllocationBitExt,
        };
        BufferCreateInfo info = new()
        {
            SType = StructureType.BufferCreateInfo,
            PNext = &external,
            Size = size,
            Usage = Usage,
        };
        Buffer buffer;
        if (device.Vk.CreateBuffer(device.Handle, &info, null, &buffer) != Result.Success)
            return false;

        MemoryRequirements requirements;
        device.Vk.GetBufferMemoryRequirements(device.Handle, buffer, &requirements);
        int type = MemoryTypes.Choose(memory, requirements.MemoryTypeBits & allowedTypes, MemoryKind.Host);
        ImportMemoryHostPointerInfoEXT import = new()
        {
            SType = StructureType.ImportMemoryHostPointerInfoExt,
            HandleType = ExternalMemoryHandleTypeFlags.HostAllocationBitExt,
            PHostPointer = start,
        };
        MemoryAllocateInfo allocate = new()
        {
            SType = StructureType.MemoryAllocateInfo,
            PNext = &import,
            AllocationSize = size,
            MemoryTypeIndex = (uint)Math.Max(0, type),
        };
        DeviceMemory imported = default;
        bool fits = type >= 0 && requirements.Size <= size
            && device.Vk.AllocateMemory(device.Handle, &allocate, null, &imported) == Result.Success
            && device.Vk.BindBufferMemory(device.Handle, buffer, imported, 0) == Result.Success;
        if (!fits)
        {
            device.Vk.DestroyBuffer(device.Handle, buffer, null);
            device.Vk.FreeMemory(device.Handle, imported, null);
            return false;
        }

        device.Name(ObjectType.Buffer, buffer.Handle, $"host memory, {size >> 20} MiB");
        block = new HeapBlock(MemoryKind.Host, buffer, imported, size, start, cached: true) { Imported = true };
        return true;
    }
}
