
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Memory;

/// <summary>What memory is wanted for.</summary>
internal enum MemoryKind
{
    /// <summary>Weights, caches, activations: the device's own memory.</summary>
    Device,

    /// <summary>Small and read by the host: results of a step, staging.</summary>
    Host,

    /// <summary>Small, written by the host and read by kernels: inputs of a step.</summary>
    Input,
}

/// <summary>Which of the driver's memory types serves a kind. Spec: "Device Memory Allocation", rules on memory types.</summary>
internal static class MemoryTypes
{
    private const MemoryPropertyFlags Mappable = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;

    /// <summary>True when the largest device-local heap can be mapped: software drivers, shared memory, resizable BAR.</summary>
    public static bool DeviceMemoryIsHostVisible(in PhysicalDeviceMemoryProperties memory)
    {
        int type = Choose(memory, uint.MaxValue, MemoryKind.Device);
        return type >= 0 && memory.MemoryTypes[type].PropertyFlags.HasFlag(Mappable);
    }

    /// <summary>The best type among <paramref name="allowed"/> (a bit per type), or -1.</summary>
    public static int Choose(in PhysicalDeviceMemoryProperties memory, uint allowed, MemoryKind kind)
    {
        ulong largest = 0;
        for (int i = 0; i < memory.MemoryHeapCount; i++)
        {
            if (memory.MemoryHeaps[i].Flags.HasFlag(MemoryHeapFlags.DeviceLocalBit) && memory.MemoryHeaps[i].Size > largest)
                largest = memory.MemoryHeaps[i].Size;
        }

        int best = -1;
        int bestScore = 0;
        for (int i = 0; i < memory.MemoryTypeCount; i++)
        {
            if ((allowed >> i & 1) == 0)
                continue;
            int score = Score(memory.MemoryTypes[i].PropertyFlags, memory.MemoryHeaps[(int)memory.MemoryTypes[i].HeapIndex].Size, largest, kind);
            if (score > bestScore)
                (best, bestScore) = (i, score);
        }

        return best;
    }

    private static int Score(MemoryPropertyFlags flags, ulong heapSize, ulong largest, MemoryKind kind)
    {
        const MemoryPropertyFlags forbidden = MemoryPropertyFlags.ProtectedBit | MemoryPropertyFlags.LazilyAllocatedBit;
        if ((flags & forbidden) != 0)
            return 0;
        bool local = flags.HasFlag(MemoryPropertyFlags.DeviceLocalBit);
        bool mappable = flags.HasFlag(Mappable);
        bool cached = flags.HasFlag(MemoryPropertyFlags.HostCachedBit);
        if (kind == MemoryKind.Device)
        {
            // A small mappable window into a card's memory must not take the weights.
            return !local || heapSize < largest ? 0 : 1 + (mappable ? 1 : 0) + (mappable && cached ? 1 : 0);
        }

        // The host reads results, and uncached memory very slowly. Kernels read inputs, and memory behind the bus with a long wait in each of them.
        (bool first, bool second) = kind == MemoryKind.Host ? (cached, local) : (local, cached);
        return !mappable ? 0 : 1 + (first ? 2 : 0) + (second ? 1 : 0);
    }
}
