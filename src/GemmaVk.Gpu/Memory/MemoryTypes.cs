using GemmaVk.Vulkan;

namespace GemmaVk.Gpu.Memory;

/// <summary>What memory is wanted for.</summary>
internal enum MemoryKind
{
    /// <summary>Weights, caches, activations: the device's own memory.</summary>
    Device,

    /// <summary>Small and shared with the host: step inputs and outputs, staging.</summary>
    Host,
}

/// <summary>Which of the driver's memory types serves a kind. Spec: "Device Memory Allocation", rules on memory types.</summary>
internal static class MemoryTypes
{
    private const VkMemoryPropertyFlags Mappable = VkMemoryPropertyFlags.HostVisible | VkMemoryPropertyFlags.HostCoherent;

    /// <summary>True when the largest device-local heap can be mapped: software drivers, shared memory, resizable BAR.</summary>
    public static bool DeviceMemoryIsHostVisible(in VkPhysicalDeviceMemoryProperties memory)
    {
        int type = Choose(memory, uint.MaxValue, MemoryKind.Device);
        return type >= 0 && memory.memoryTypes[type].propertyFlags.HasFlag(Mappable);
    }

    /// <summary>The best type among <paramref name="allowed"/> (a bit per type), or -1.</summary>
    public static int Choose(in VkPhysicalDeviceMemoryProperties memory, uint allowed, MemoryKind kind)
    {
        ulong largest = 0;
        for (int i = 0; i < memory.memoryHeapCount; i++)
        {
            if (memory.memoryHeaps[i].flags.HasFlag(VkMemoryHeapFlags.DeviceLocal) && memory.memoryHeaps[i].size > largest)
                largest = memory.memoryHeaps[i].size;
        }

        int best = -1;
        int bestScore = 0;
        for (int i = 0; i < memory.memoryTypeCount; i++)
        {
            if ((allowed >> i & 1) == 0)
                continue;
            int score = Score(memory.memoryTypes[i].propertyFlags, memory.memoryHeaps[(int)memory.memoryTypes[i].heapIndex].size, largest, kind);
            if (score > bestScore)
                (best, bestScore) = (i, score);
        }

        return best;
    }

    private static int Score(VkMemoryPropertyFlags flags, ulong heapSize, ulong largest, MemoryKind kind)
    {
        const VkMemoryPropertyFlags forbidden = VkMemoryPropertyFlags.Protected | VkMemoryPropertyFlags.LazilyAllocated;
        if ((flags & forbidden) != 0)
            return 0;
        bool local = flags.HasFlag(VkMemoryPropertyFlags.DeviceLocal);
        bool mappable = flags.HasFlag(Mappable);
        bool cached = flags.HasFlag(VkMemoryPropertyFlags.HostCached);
        if (kind == MemoryKind.Device)
        {
            // A small mappable window into a card's memory must not take the weights.
            return !local || heapSize < largest ? 0 : 1 + (mappable ? 1 : 0) + (mappable && cached ? 1 : 0);
        }

        // The host reads logits from here, and reading uncached memory is very slow.
        return !mappable ? 0 : 1 + (cached ? 2 : 0) + (local ? 1 : 0);
    }
}
