using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

// What is made again where the device was lost: what callers hold stays valid.
public sealed partial class VulkanBackend
{
    private readonly HashSet<VulkanBuffer> buffers = [];
    private readonly HashSet<VulkanRecording> recordings = [];
    private readonly Dictionary<VulkanBuffer, (MatrixSource Source, VulkanBuffer? Scale)> placed = [];
    private (IReadOnlyList<BufferSize> Buffers, long ScratchBytes)? prepared;
    private bool disposed;

    /// <inheritdoc/>
    public void Reopen()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        (GpuInstance instance, int index) = (device.Instance, device.Info.Index);
        Close();
        try
        {
            device = instance.Open(index);
        }
        catch (Exception e) when (e is GemmaVkException or VulkanException)
        {
            throw new DeviceLostException($"{Device.Name} stopped answering and could not be opened again: {e.Message}", "opening", [], e);
        }

        device.Pipelines.TakesOwn = TakesOwnKernels;
        kernels = new GpuKernels(new KernelSettings(device, integerDot, software, tuning));
        if (prepared is var (sizes, scratchBytes))
            Prepare(sizes, scratchBytes);
        foreach (VulkanBuffer buffer in buffers)
            buffer.Renew(kernels.Settings);
        foreach ((VulkanBuffer data, (MatrixSource source, VulkanBuffer? scale)) in placed)
            ReadBlocks(source, data.Memory, scale?.Memory, progress: null);
        device.WaitIdle();
    }

    /// <summary>A buffer is there.</summary>
    internal void Holds(VulkanBuffer buffer) => buffers.Add(buffer);

    /// <summary>A buffer goes.</summary>
    internal void Drops(VulkanBuffer buffer)
    {
        buffers.Remove(buffer);
        placed.Remove(buffer);
    }

    /// <summary>A recording goes; false where its commands went with the device.</summary>
    internal bool Drops(VulkanRecording recording)
    {
        recordings.Remove(recording);
        return kernels.Settings.Open;
    }

    private VulkanBuffer NewBuffer(string name, DType dtype, Shape shape, Func<GpuDevice, DeviceBuffer> allocate)
    {
        RequireOpen();
        return new VulkanBuffer(this, name, dtype, shape, kernels.Settings, allocate);
    }

    /// <summary>Where opening it anew failed nothing is left to run on.</summary>
    private void RequireOpen()
    {
        if (!kernels.Settings.Open)
            throw new DeviceLostException($"{Device.Name} stopped answering and is closed.", "nothing", []);
    }

    /// <summary>Gives the device up with all that is on it; buffers and recordings are left without.</summary>
    private void Close()
    {
        if (!kernels.Settings.Open)
            return;
        device.Quiesce();
        foreach (VulkanRecording recording in recordings)
            recording.Forget();
        kernels.Dispose();
        device.Dispose();
    }
}
