using System;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Vulkan;

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
        VkPhysicalDevice device = physicalDevices[index];
        bool core13 = info.ApiVersion >= new Version(1, 3);
        VkPhysicalDeviceVulkan13Properties p13 = VkPhysicalDeviceVulkan13Properties.New;
        VkPhysicalDeviceVulkan11Properties p11 = VkPhysicalDeviceVulkan11Properties.New;
        VkPhysicalDeviceProperties2 properties = VkPhysicalDeviceProperties2.New;
        p11.pNext = core13 ? &p13 : null;
        properties.pNext = &p11;
        Vk.vkGetPhysicalDeviceProperties2(device, &properties);

        bool saysBudget = DeviceExtensions(device).Contains(VkExtensionNames.VK_EXT_memory_budget);
        VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = VkPhysicalDeviceMemoryBudgetPropertiesEXT.New;
        VkPhysicalDeviceMemoryProperties2 memory = VkPhysicalDeviceMemoryProperties2.New;
        memory.pNext = saysBudget ? &budget : null;
        Vk.vkGetPhysicalDeviceMemoryProperties2(device, &memory);

        int type = Math.Max(0, MemoryTypes.Choose(memory.memoryProperties, uint.MaxValue, MemoryKind.Device));
        VkMemoryPropertyFlags flags = memory.memoryProperties.memoryTypes[type].propertyFlags;
        int heap = (int)memory.memoryProperties.memoryTypes[type].heapIndex;
        bool readable = flags.HasFlag(VkMemoryPropertyFlags.HostVisible | VkMemoryPropertyFlags.HostCoherent | VkMemoryPropertyFlags.HostCached) && !Options.AlwaysStage;
        long size = Bytes(memory.memoryProperties.memoryHeaps[heap].size);
        long allocation = Math.Min(Bytes(p11.maxMemoryAllocationSize), core13 ? Bytes(p13.maxBufferSize) : long.MaxValue);
        long piece = DeviceBuffer.BindingLimit(properties.properties.limits.maxStorageBufferRange, DeviceHeap.MaxAllocationOf(allocation), Options);
        bool software = info.Type == GpuDeviceType.Software;
        return new DeviceMemory
        {
            Name = info.Name,
            TotalBytes = Options.MemoryLimit ?? size,
            AvailableBytes = Options.MemoryLimit ?? (saysBudget ? Math.Max(0, Bytes(budget.heapBudget[heap]) - Bytes(budget.heapUsage[heap])) : size),
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
