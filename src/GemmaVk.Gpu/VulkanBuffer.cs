using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

/// <summary>A buffer of the Vulkan backend. It outlives the device that it was made on: <see cref="Renew"/> gives it memory on another.</summary>
internal sealed class VulkanBuffer : BufferHandle
{
    private readonly VulkanBackend backend;
    private readonly Func<GpuDevice, DeviceBuffer> allocate;
    private KernelSettings owner;

    /// <param name="backend">Whose it is.</param>
    /// <param name="name">Name for messages and the ledger.</param>
    /// <param name="dtype">Its numbers.</param>
    /// <param name="shape">How many.</param>
    /// <param name="owner">Settings of the device that is open.</param>
    /// <param name="allocate">Takes its memory on a device.</param>
    public VulkanBuffer(VulkanBackend backend, string name, DType dtype, Shape shape, KernelSettings owner, Func<GpuDevice, DeviceBuffer> allocate)
        : base(name, dtype, shape)
    {
        this.backend = backend;
        this.owner = owner;
        this.allocate = allocate;
        Memory = allocate(owner.Device);
        backend.Holds(this);
    }

    /// <summary>Device whose memory it is.</summary>
    public GpuDevice Owner => owner.Device;

    /// <summary>Where it lies: one chunk, or for large matrices and caches several.</summary>
    public DeviceBuffer Memory { get; private set; }

    /// <summary>Takes memory on another device, whose content is undefined; that of the old one went with it.</summary>
    public void Renew(KernelSettings settings)
    {
        Memory = allocate(settings.Device);
        owner = settings;
    }

    /// <summary>The chunks as rows of <paramref name="W"/> elements.</summary>
    public IEnumerable<RowChunk> RowChunks(long W)
    {
        long rowBytes = QuantBlocks.RowBytes(DType, W);
        foreach (BufferChunk chunk in Memory.Chunks)
            yield return new RowChunk((uint)(chunk.Offset / rowBytes), (uint)(chunk.Bytes / rowBytes), chunk.Range);
    }

    public override void Dispose()
    {
        backend.Drops(this);
        // Closing the device has freed all its memory.
        if (owner.Open)
            Memory.Dispose();
    }
}

/// <summary>Rows of a buffer that one binding spans.</summary>
internal readonly record struct RowChunk(uint First, uint Count, BufferRange Range);
