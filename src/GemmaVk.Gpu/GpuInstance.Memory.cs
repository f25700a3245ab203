using System;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using Silk.NET.Vulkan;
using DeviceMemory = GemmaVk.Kernels.DeviceMemory;

namespace GemmaVk.Gpu;

/// <summary>What a plan asks of a device, which need not be open for it.</summary>
public sealed unsafe partial class GpuInstance
{
    // What drivers take beside the buffers: compiled kernels, command buffers, page tables, the rounding of each allocation.
    private const long ReserveOfDriver = 192L << 20;

    /// <summary>The memory of the device at <paramref name="index"/>, as the driver tells it now.</summary>
    public DeviceMemory Memory(int index)
    {
        GpuDeviceInfo info = Devices[index];
        PhysicalDevice device = physicalDevices[index];
        bool core13 = info.ApiVersion >= new Version(1, 3);
        PhysicalDeviceVulkan13Properties p13 = new() { SType = StructureType.PhysicalDeviceVulkan13Properties };
        PhysicalDeviceVulkan11Properties p11 = new() { SType = StructureType.PhysicalDeviceVulkan11Properties };
        PhysicalDeviceProperties2 properties = new() { SType = StructureType.PhysicalDeviceProperties2 };
        p11.PNext = core13 ? &p13 : null;
        properties.PNext = &p11;
        Vk.GetPhysicalDeviceProperties2(device, &properties);

        bool saysBudget = DeviceExtensions(device).Contains(MemoryBudget);
        PhysicalDeviceMemoryBudgetPropertiesEXT budget = new() { SType = StructureType.PhysicalDeviceMemoryBudgetPropertiesExt };
        PhysicalDeviceMemoryProperties2 memory = new()
        {
            SType = StructureType.PhysicalDeviceMemoryProperties2,
            PNext = saysBudget ? &budget : null,
        };
        Vk.GetPhysicalDeviceMemoryProperties2(device, &memory);

        int type = Math.Max(0, MemoryTypes.Choose(memory.MemoryProperties, uint.MaxValue, MemoryKind.Device));
        MemoryPropertyFlags flags = memory.MemoryProperties.MemoryTypes[type].PropertyFlags;
        int heap = (int)memory.MemoryProperties.MemoryTypes[type].HeapIndex;
        bool readable = flags.HasFlag(MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit | MemoryPropertyFlags.HostCachedBit) && !Options.AlwaysStage;
        long size = Bytes(memory.MemoryProperties.MemoryHeaps[heap].Size);
        long allocation = Math.Min(Bytes(p11.MaxMemoryAllocationSize), core13 ? Bytes(p13.MaxBufferSize) : long.MaxValue);
        long piece = DeviceBuffer.BindingLimit(properties.Properties.Limits.MaxStorageBufferRange, DeviceHeap.MaxAllocationOf(allocation), Options);
        bool software = info.Type == GpuDeviceType.Software;
        return new DeviceMemory
        {
            Name = info.Name,
            TotalBytes = Options.MemoryLimit ?? size,
            AvailableBytes = Options.MemoryLimit ?? (saysBudget ? Math.Max(0, Bytes(budget.HeapBudget[heap]) - Bytes(budget.HeapUsage[heap])) : size),
            Source = Options.MemoryLimit is not null ? "--device-memory" : saysBudget ? "memory budget of the driver" : "size of the device's heap",
            Alignment = (long)DeviceHeap.Alignment,
            MaxPieceBytes = piece,
            IsHostMemory = info.Type is GpuDeviceType.Software or GpuDeviceType.Integrated,
            IsSoftware = software,
            StagingBytes = readable ? 0 : StagingRing.Bytes,
            ReserveBytes = ReserveOfDriver,
            MeasuringBytes = VulkanBackend.BandwidthBytes(piece) + ReadBandwidthGpu.SinkBytes,
            ScratchBytes = shapes => GpuScratch.Bytes(shapes, piece, software),
        };
    }

    private static long Bytes(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);
}
