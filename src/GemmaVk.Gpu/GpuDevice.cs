using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Kernels;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>
/// An open device with one compute queue. One thread uses it at a time. Work is counted by one timeline semaphore:
/// <see cref="Submit"/> returns the value that the semaphore has when that work is done.
/// </summary>
internal sealed unsafe partial class GpuDevice : IDisposable
{
    private readonly GpuInstance instance;
    private readonly VkPhysicalDevice physicalDevice;
    private readonly VkQueue queue;
    private readonly VkSemaphore timeline;
    private string pipelineCacheUuid = "";
    private uint driverVersion;
    private ulong submitted;
    private Recording? last;

    internal GpuDevice(GpuInstance instance, VkPhysicalDevice physicalDevice, GpuDeviceInfo info)
    {
        this.instance = instance;
        this.physicalDevice = physicalDevice;
        Info = info;
        Require(info.ApiVersion >= GpuInstance.MinVersion, $"Vulkan {GpuInstance.MinVersion} (it has {info.ApiVersion})");
        HashSet<string> extensions = instance.DeviceExtensions(physicalDevice);
        (QueueFamily, int timestampBits) = ChooseQueue();
        Features = Probe(extensions, timestampBits);
        Handle = CreateDevice(extensions);
        Vk = instance.Vk.ForDevice(Handle);

        VkQueue got;
        Vk.vkGetDeviceQueue(Handle, QueueFamily, 0, &got);
        queue = got;
        VkSemaphoreTypeCreateInfo type = VkSemaphoreTypeCreateInfo.New;
        type.semaphoreType = VkSemaphoreType.Timeline;
        VkSemaphoreCreateInfo semaphore = VkSemaphoreCreateInfo.New;
        semaphore.pNext = &type;
        VkSemaphore created;
        Vk.vkCreateSemaphore(Handle, &semaphore, null, &created).Check("creating the timeline", info.Name);
        timeline = created;

        Heap = new DeviceHeap(this);
        Staging = new StagingRing(this);
        Pipelines = new PipelineLibrary(this, pipelineCacheUuid, driverVersion);
    }

    public GpuDeviceInfo Info { get; }

    public GpuFeatures Features { get; }

    public GpuOptions Options => instance.Options;

    public VkDevice Handle { get; }

    public VkDeviceCommands Vk { get; }

    public uint QueueFamily { get; }

    public DeviceHeap Heap { get; }

    public StagingRing Staging { get; }

    /// <summary>Every buffer on this device.</summary>
    public MemoryLedger Ledger { get; } = new();

    /// <summary>The device's memory, as the driver tells it now.</summary>
    public DeviceMemory Memory => instance.Memory(Info.Index);

    public PipelineLibrary Pipelines { get; }

    /// <summary>Warnings and errors of the validation layer so far; empty when it is off.</summary>
    public IReadOnlyList<string> ValidationMessages => instance.ValidationMessages;

    /// <summary>The device's memory types and heaps.</summary>
    public VkPhysicalDeviceMemoryProperties MemoryProperties()
    {
        VkPhysicalDeviceMemoryProperties2 memory = VkPhysicalDeviceMemoryProperties2.New;
        instance.Vk.vkGetPhysicalDeviceMemoryProperties2(physicalDevice, &memory);
        return memory.memoryProperties;
    }

    /// <summary>Bytes of a heap that this process may use in all, as the driver reckons now; the heap's size where it does not say.</summary>
    public long HeapBudget(int heap)
    {
        VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = VkPhysicalDeviceMemoryBudgetPropertiesEXT.New;
        VkPhysicalDeviceMemoryProperties2 memory = VkPhysicalDeviceMemoryProperties2.New;
        memory.pNext = Features.MemoryBudget ? &budget : null;
        instance.Vk.vkGetPhysicalDeviceMemoryProperties2(physicalDevice, &memory);
        return (long)(Features.MemoryBudget ? budget.heapBudget[heap] : memory.memoryProperties.memoryHeaps[heap].size);
    }

    /// <summary>Starts a recording's commands. Returns the value to <see cref="Wait"/> for.</summary>
    public ulong Submit(VkCommandBuffer commands, Recording recording)
    {
        last = recording;
        ulong value = submitted + 1;
        VkSemaphore semaphore = timeline;
        VkTimelineSemaphoreSubmitInfo values = VkTimelineSemaphoreSubmitInfo.New;
        values.signalSemaphoreValueCount = 1;
        values.pSignalSemaphoreValues = &value;
        VkSubmitInfo info = VkSubmitInfo.New;
        info.pNext = &values;
        info.commandBufferCount = 1;
        info.pCommandBuffers = &commands;
        info.signalSemaphoreCount = 1;
        info.pSignalSemaphores = &semaphore;
        CheckAlive(Vk.vkQueueSubmit(queue, 1, &info, default), "submitting work");
        submitted = value;
        return value;
    }

    /// <summary>Returns when all work up to <paramref name="value"/> is done.</summary>
    public void Wait(ulong value)
    {
        VkSemaphore semaphore = timeline;
        VkSemaphoreWaitInfo info = VkSemaphoreWaitInfo.New;
        info.semaphoreCount = 1;
        info.pSemaphores = &semaphore;
        info.pValues = &value;
        CheckAlive(Vk.vkWaitSemaphores(Handle, &info, ulong.MaxValue), "waiting for work");
    }

    /// <summary>Returns when everything submitted so far is done.</summary>
    public void WaitIdle() => Wait(submitted);

    /// <summary>As <see cref="Wait"/> (by default for everything), before objects are destroyed: a lost device needs no waiting for, and was reported.</summary>
    public void Quiesce(ulong? value = null)
    {
        try
        {
            Wait(value ?? submitted);
        }
        catch (DeviceLostException)
        {
            Options.Log?.Invoke($"{Info.Name} is lost; what it held is given up.");
        }
    }

    /// <summary>Checks the result of running work: a lost device is reported with what it was running.</summary>
    /// <exception cref="DeviceLostException">The device stopped answering.</exception>
    internal void CheckAlive(VkResult result, string doing)
    {
        const int shown = 8;
        try
        {
            result.Check(doing, Info.Name);
        }
        catch (VulkanException e) when (e.Result == VkResult.ErrorDeviceLost)
        {
            throw new DeviceLostException(Info.Name, last?.Name ?? "nothing", [.. (last?.Kernels ?? []).TakeLast(shown)], e);
        }
    }

    /// <summary>Names an object in the validation layer's messages and in GPU debuggers.</summary>
    public void Name(VkObjectType type, ulong handle, string name)
    {
        if (!Options.Validation)
            return;
        fixed (byte* text = VkText.Write(name))
        {
            VkDebugUtilsObjectNameInfoEXT info = VkDebugUtilsObjectNameInfoEXT.New;
            info.objectType = type;
            info.objectHandle = handle;
            info.pObjectName = text;
            Vk.vkSetDebugUtilsObjectNameEXT(Handle, &info).Check($"naming {name}", Info.Name);
        }
    }

    public void Dispose()
    {
        // A lost device cannot be waited for; its objects may still be destroyed.
        _ = Vk.vkDeviceWaitIdle(Handle);
        Pipelines.Dispose();
        Staging.Dispose();
        Heap.Dispose();
        Vk.vkDestroySemaphore(Handle, timeline, null);
        Vk.vkDestroyDevice(Handle, null);
    }
}
