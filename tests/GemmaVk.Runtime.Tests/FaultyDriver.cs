using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GemmaVk.Gpu.Driver;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// A layer between the binding and the driver, for devices that are opened while it exists, on whatever thread: counts the calls of every
/// command that has a result, and lets chosen ones fail without reaching the driver.
/// </summary>
internal sealed class FaultyDriver : IDisposable
{
    /// <summary>VK_ERROR_DEVICE_LOST.</summary>
    public const int DeviceLost = -4;

    /// <summary>VK_ERROR_OUT_OF_DEVICE_MEMORY.</summary>
    public const int OutOfDeviceMemory = -2;

    // All that return a VkResult and are asked of a device; none has more than eight arguments, and none takes a float.
    private static readonly HashSet<string> Commands =
    [
        "vkQueueSubmit", "vkWaitSemaphores", "vkGetSemaphoreCounterValue", "vkCreateSemaphore", "vkAllocateMemory", "vkMapMemory", "vkCreateBuffer", "vkBindBufferMemory",
        "vkCreateShaderModule", "vkCreateDescriptorSetLayout", "vkCreatePipelineLayout", "vkCreateComputePipelines", "vkCreatePipelineCache", "vkCreateDescriptorPool",
        "vkAllocateDescriptorSets", "vkCreateCommandPool", "vkAllocateCommandBuffers", "vkBeginCommandBuffer", "vkEndCommandBuffer", "vkCreateQueryPool", "vkGetQueryPoolResults",
        "vkCreateDevice",
    ];

    // Native code calls them: they must not be collected.
    private static readonly ConcurrentBag<Command> Alive = [];
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly List<(string Name, int Call, int Result)> _faults = [];

    public FaultyDriver() => CommandSource.Between.Value = Wrap;

    private delegate int Command(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h);

    /// <summary>Calls of each command so far.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Faults that have happened.</summary>
    public int Happened { get; private set; }

    /// <summary>Lets a call of a command fail, counted from 1 since the driver was made.</summary>
    public void Fail(string name, int call, int result = DeviceLost)
    {
        lock (_faults)
        {
            _faults.Add((name, call, result));
        }
    }

    public void Dispose() => CommandSource.Between.Value = null;

    private nint Wrap(string name, nint address)
    {
        if (!Commands.Contains(name))
        {
            return address;
        }

        Command inner = Marshal.GetDelegateForFunctionPointer<Command>(address);
        Command outer = (a, b, c, d, e, f, g, h) => Fault(name) is { } fault ? fault : inner(a, b, c, d, e, f, g, h);
        Alive.Add(outer);
        return Marshal.GetFunctionPointerForDelegate(outer);
    }

    private int? Fault(string name)
    {
        int call = _counts.AddOrUpdate(name, 1, (_, count) => count + 1);
        lock (_faults)
        {
            int i = _faults.FindIndex(fault => fault.Name == name && fault.Call == call);
            if (i < 0)
            {
                return null;
            }

            Happened++;
            return _faults[i].Result;
        }
    }
}
