using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Commands;

/// <summary>Recorded commands that can be run any number of times. Runs follow one another, never overlap.</summary>
internal sealed unsafe class Recording : IDisposable
{
    private readonly GpuDevice device;
    private readonly CommandPool pool;
    private readonly CommandBuffer[] parts;
    private readonly DescriptorSets descriptors;
    private readonly Timestamps? timestamps;
    private ulong submitted;
    private bool disposed;

    internal Recording(
        GpuDevice device, string name, CommandPool pool, CommandBuffer[] parts, DescriptorSets descriptors, Timestamps? timestamps, IReadOnlyList<string> kernels, double work)
    {
        this.device = device;
        this.pool = pool;
        this.parts = parts;
        this.descriptors = descriptors;
        this.timestamps = timestamps;
        Name = name;
        Kernels = kernels;
        Work = work;
    }

    public string Name { get; }

    /// <summary>Names of the recorded commands, in order.</summary>
    public IReadOnlyList<string> Kernels { get; }

    /// <summary>What its kernels cost (<see cref="SubmissionPace.Work"/>); 0 where that is not known.</summary>
    public double Work { get; }

    /// <summary>Submissions of a run.</summary>
    public int Parts => parts.Length;

    /// <summary>Starts a run, after an unfinished one of this recording has ended. Earlier work on the device ends first.</summary>
    public void Submit()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Wait();
        submitted = device.Submit(parts, this);
    }

    /// <summary>Returns when the last run is done.</summary>
    /// <exception cref="DeviceLostException">The device stopped answering.</exception>
    public void Wait() => device.Wait(submitted);

    /// <summary>GPU time per command of the last run, after waiting for it; empty when the recording is not timed.</summary>
    public IReadOnlyList<(string Name, TimeSpan Time)> Times()
    {
        if (timestamps is null || submitted == 0)
            return [];
        Wait();
        return timestamps.Read();
    }

    /// <summary>When each command of the last run began and ended, after waiting for it; empty when the recording is not timed.</summary>
    public IReadOnlyList<CommandSpan> Spans()
    {
        if (timestamps is null || submitted == 0)
            return [];
        Wait();
        return timestamps.Spans();
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        device.Quiesce(submitted);
        timestamps?.Dispose();
        descriptors.Dispose();
        device.Vk.DestroyCommandPool(device.Handle, pool, null);
    }
}
