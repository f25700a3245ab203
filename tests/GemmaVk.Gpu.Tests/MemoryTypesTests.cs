using GemmaVk.Gpu.Memory;
using Silk.NET.Vulkan;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Where a driver with memory of its own and memory behind a bus puts what.</summary>
public sealed class MemoryTypesTests
{
    private const MemoryPropertyFlags Local = MemoryPropertyFlags.DeviceLocalBit;
    private const MemoryPropertyFlags Mapped = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;
    private const MemoryPropertyFlags Cached = Mapped | MemoryPropertyFlags.HostCachedBit;

    /// <summary>Inputs lie beside the processor that reads them, results beside the one that reads those.</summary>
    [Theory]
    // A card whose whole memory the host sees; one with a window of 256 MiB; one without; an integrated one.
    [InlineData(0, 2, 2, 1)]
    [InlineData(256, 0, 3, 2)]
    [InlineData(-1, 0, 2, 2)]
    [InlineData(-2, 0, 0, 0)]
    public void InputsAndResultsLieWhereTheyAreRead(int window, int device, int input, int result)
    {
        PhysicalDeviceMemoryProperties memory = window switch
        {
            0 => Table((Local, 0), (Cached, 1), (Local | Mapped, 0), (Mapped, 1)),
            -1 => Table((Local, 0), (Mapped, 1), (Cached, 1)),
            -2 => Table((Local | Cached, 0), (Local, 0)),
            _ => Table((Local, 0), (Mapped, 1), (Cached, 1), (Local | Mapped, 2)),
        };
        Assert.Equal(device, MemoryTypes.Choose(memory, uint.MaxValue, MemoryKind.Device));
        Assert.Equal(input, MemoryTypes.Choose(memory, uint.MaxValue, MemoryKind.Input));
        Assert.Equal(result, MemoryTypes.Choose(memory, uint.MaxValue, MemoryKind.Host));
    }

    private static PhysicalDeviceMemoryProperties Table(params (MemoryPropertyFlags Flags, uint Heap)[] types)
    {
        PhysicalDeviceMemoryProperties memory = new() { MemoryTypeCount = (uint)types.Length, MemoryHeapCount = 3 };
        memory.MemoryHeaps[0] = new() { Size = 80UL << 30, Flags = MemoryHeapFlags.DeviceLocalBit };
        memory.MemoryHeaps[1] = new() { Size = 128UL << 30 };
        memory.MemoryHeaps[2] = new() { Size = 256UL << 20, Flags = MemoryHeapFlags.DeviceLocalBit };
        for (int i = 0; i < types.Length; i++)
            memory.MemoryTypes[i] = new() { PropertyFlags = types[i].Flags, HeapIndex = types[i].Heap };
        return memory;
    }
}
