using System.Collections.Generic;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

/// <summary>A buffer of the Vulkan backend.</summary>
internal sealed class VulkanBuffer(string name, DType dtype, Shape shape, KernelSettings owner, DeviceBuffer memory) : BufferHandle(name, dtype, shape)
{
    /// <summary>Device whose memory it is.</summary>
    public GpuDevice Owner => owner.Device;

    /// <summary>Where it lies: one chunk, or for large matrices and caches several.</summary>
    public DeviceBuffer Memory { get; } = memory;

    /// <summary>The chunks as rows of <paramref name="W"/> elements.</summary>
    public IEnumerable<RowChunk> RowChunks(long W)
    {
        long rowBytes = QuantBlocks.RowBytes(DType, W);
        foreach (BufferChunk chunk in Memory.Chunks)
            yield return new RowChunk((uint)(chunk.Offset / rowBytes), (uint)(chunk.Bytes / rowBytes), chunk.Range);
    }

    public override void Dispose()
    {
        // Closing the device has freed all its memory.
        if (owner.Open)
            Memory.Dispose();
    }
}

/// <summary>Rows of a buffer that one binding spans.</summary>
internal readonly record struct RowChunk(uint First, uint Count, BufferRange Range);
