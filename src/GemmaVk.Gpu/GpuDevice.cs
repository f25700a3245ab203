using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Driver;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Kernels;
using Silk.NET.Vulkan;
using DeviceMemory = GemmaVk.Kernels.DeviceMemory;

namespace GemmaVk.Gpu;

/// <summary>
/// An open device with one compute queue. One thread uses it at a time. Work is counted by one timeline semaphore:
/// <see cref="Submit"/> returns the value that the semaphore has when that work is done.
/// </summary>
internal sealed unsafe partial class GpuDevice : IDisposable
{
    private readonly GpuInstance instance;
    private readonly PhysicalDevice physicalDevice;
    private readonly Queue queue;
    private readonly Semaphore timeline;
    private string pipelineCacheUuid = "";
    private uint driverVersion;
    private ulong submitted;
    private Recording? last;
    private DeviceLostException? lost;

    // The newest run that began on an idle device, to learn from how long it takes.
    private (ulong Value, long Start, double Work) measured;

    internal GpuDevice(GpuInstance instance, PhysicalDevice physicalDevice, GpuDeviceInfo info)
    {
        this.instance = instance;
        this.physicalDevice = physicalDevice;
        Info = info;
        Require(info.ApiVersion >= GpuInstance.MinVersion, $"Vulkan {GpuInstance.MinVersion} (it has {info.ApiVersion})");
        HashSet<string> extensions = instance.DeviceExtensions(physicalDevice);
        (QueueFamily, int timestampBits) = ChooseQueue();
        Features = Options.Pretend.Of(Probe(extensions, timestampBits));
        Handle = CreateDevice(extensions);
        Vk = CommandSource.Of(Handle, instance.Vk);

        Queue got;
        Vk.GetDeviceQueue(Handle, QueueFamily, 0, &got);
        queue = got;
        SemaphoreTypeCreateInfo type = new() { SType = StructureType.SemaphoreTypeCreateInfo, SemaphoreType = SemaphoreType.Timeline };
        SemaphoreCreateInfo semaphore = new() { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        Semaphore created;
        Vk.CreateSemaphore(Handle, &semaphore, null, &created).Check("creating the timeline", info.Name);
        timeline = created;

        Pace = new SubmissionPace(Options.SubmissionLimit);
        Heap = new DeviceHeap(this);
        Staging = new StagingRing(this);
        Pipelines = new PipelineLibrary(this, pipelineCacheUuid, driverVersion);
    }

    /// <summary>Vulkan, as it was opened.</summary>
    public GpuInstance Instance => instance;

    public GpuDeviceInfo Info { get; }

    public GpuFeatures Features { get; }

    public GpuOptions Options => instance.Options;

    public Device Handle { get; }

    public Vk Vk { get; }

    /// <summary>Names and labels for the validation layer's messages; null when it is off.</summary>
    public ExtDebug? Debugging => instance.Debugging;

    public uint QueueFamily { get; }

    public DeviceHeap Heap { get; }

    public StagingRing Staging { get; }

    /// <summary>Every buffer on this device.</summary>
    public MemoryLedger Ledger { get; } = new();

    /// <summary>The device's memory, as the driver tells it now.</summary>
    public DeviceMemory Memory => instance.Memory(Info.Index);

    public PipelineLibrary Pipelines { get; }

    /// <summary>How long work takes here, by which recordings are cut into submissions.</summary>
    public SubmissionPace Pace { get; }

    /// <summary>Warnings and errors of the validation layer so far; empty when it is off.</summary>
    public IReadOnlyList<string> ValidationMessages => instance.ValidationMessages;

    /// <summary>The device's memory types and heaps.</summary>
    public PhysicalDeviceMemoryProperties MemoryProperties()
    {
        PhysicalDeviceMemoryProperties2 memory = new() { SType = StructureType.PhysicalDeviceMemoryProperties2 };
        instance.Vk.GetPhysicalDeviceMemoryProperties2(physicalDevice, &memory);
        return memory.MemoryProperties;
    }

    /// <summary>Bytes of a heap that this process may use in all, as the driver reckons now; the heap's size where it does not say.</summary>
    public long HeapBudget(int heap)
    {
        PhysicalDeviceMemoryBudgetPropertiesEXT budget = new() { SType = StructureType.PhysicalDeviceMemoryBudgetPropertiesExt };
        PhysicalDeviceMemoryProperties2 memory = new()
        {
            SType = StructureType.PhysicalDeviceMemoryProperties2,
            PNext = Features.MemoryBudget ? &budget : null,
        };
        instance.Vk.GetPhysicalDeviceMemoryProperties2(physicalDevice, &memory);
        return (long)(Features.MemoryBudget ? budget.HeapBudget[heap] : memory.MemoryProperties.MemoryHeaps[heap].Size);
    }

    /// <summary>Starts a recording's commands, a submission for each part of them. Returns the value to <see cref="Wait"/> for.</summary>
    public ulong Submit(ReadOnlySpan<CommandBuffer> parts, Recording recording)
    {
        ThrowIfLost();
        last = recording;
        ulong value = submitted + 1;
        Semaphore semaphore = timeline;
        ulong done = 0;
        if (recording.Work > 0)
            CheckAlive(Vk.GetSemaphoreCounterValue(Handle, semaphore, &done), "asking how far work is");
        measured = recording.Work > 0 && done == submitted ? (value, Stopwatch.GetTimestamp(), recording.Work) : default;
        for (int i = 0; i < parts.Length; i++)
        {
            CommandBuffer commands = parts[i];
            // The last part ends when those before it have ended.
            uint signals = i == parts.Length - 1 ? 1u : 0;
            TimelineSemaphoreSubmitInfo values = new()
            {
                SType = StructureType.TimelineSemaphoreSubmitInfo,
                SignalSemaphoreValueCount = signals,
                PSignalSemaphoreValues = &value,
            };
            SubmitInfo info = new()
            {
                SType = StructureType.SubmitInfo,
                PNext = &values,
                CommandBufferCount = 1,
                PCommandBuffers = &commands,
                SignalSemaphoreCount = signals,
                PSignalSemaphores = &semaphore,
            };
            CheckAlive(Vk.QueueSubmit(queue, 1, &info, default), "submitting work");
        }

        submitted = value;
        return value;
    }

    /// <summary>Returns when all work up to <paramref name="value"/> is done.</summary>
    public void Wait(ulong value)
    {
        ThrowIfLost();
        Semaphore semaphore = timeline;
        SemaphoreWaitInfo info = new()
        {
            SType = StructureType.SemaphoreWaitInfo,
            SemaphoreCount = 1,
            PSemaphores = &semaphore,
            PValues = &value,
        };
        CheckAlive(Vk.WaitSemaphores(Handle, &info, ulong.MaxValue), "waiting for work");
        if (measured.Start != 0 && value >= measured.Value)
        {
            Pace.Took(measured.Work, Stopwatch.GetElapsedTime(measured.Start));
            measured = default;
        }
    }

    /// <summary>Returns when everything submitted so far is done.</summary>
    public void WaitIdle() => Wait(submitted);

    /// <summary>As <see cref="Wait"/> (by default for everything), before objects are destroyed: a lost device needs no waiting for, and was reported.</summary>
    public void Quiesce(ulong? value = null)
    {
        if (lost is not null)
            return;
        try
        {
            Wait(value ?? submitted);
        }
        catch (DeviceLostException)
        {
            Options.Log?.Invoke($"{Info.Name} is lost; what it held is given up.");
        }
    }

    /// <summary>Checks the result of running work: a lost device is reported with what it was running, and stays lost.</summary>
    /// <exception cref="DeviceLostException">The device stopped answering.</exception>
    internal void CheckAlive(Result result, string doing)
    {
        const int shown = 8;
        if (result != Result.ErrorDeviceLost)
        {
            if (result < Result.Success)
                result.Check(doing, Info.Name);
            return;
        }

        // What runs may end yet, and whoever hears of it gives memory back. On a lost device this returns at once.
        _ = Vk.DeviceWaitIdle(Handle);
        string[] kernels = [.. (last?.Kernels ?? []).TakeLast(shown)];
        string name = last?.Name ?? "nothing";
        lost = new DeviceLostException(
            $"{Info.Name} stopped answering while running '{name}' (its last kernels: {string.Join(", ", kernels)}). "
            + "A kernel ran too long or touched memory outside its buffers, or the driver was reset: look into the system's log, "
            + "and run once with GEMMAVK_VALIDATION=1.",
            name,
            kernels,
            ResultExtensions.Error(result, doing, Info.Name));
        throw lost;
    }

    /// <summary>Names an object in the validation layer's messages and in GPU debuggers.</summary>
    public void Name(ObjectType type, ulong handle, string name)
    {
        if (Debugging is null)
            return;
        fixed (byte* text = VkText.Write(name))
        {
            DebugUtilsObjectNameInfoEXT info = new()
            {
                SType = StructureType.DebugUtilsObjectNameInfoExt,
                ObjectType = type,
                ObjectHandle = handle,
                PObjectName = text,
            };
            Debugging.SetDebugUtilsObjectName(Handle, &info).Check($"naming {name}", Info.Name);
        }
    }

    /// <summary>A device that stopped answering is asked nothing more.</summary>
    private void ThrowIfLost()
    {
        if (lost is not null)
            throw new DeviceLostException(lost.Message, lost.Recording, lost.Kernels, lost);
    }

    public void Dispose()
    {
        // A lost device cannot be waited for; its objects may still be destroyed.
        _ = Vk.DeviceWaitIdle(Handle);
        Pipelines.Dispose();
        Staging.Dispose();
        Heap.Dispose();
        Vk.DestroySemaphore(Handle, timeline, null);
        Vk.DestroyDevice(Handle, null);
    }
}
