using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Gpu.Driver;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// A layer between the binding and the driver, for devices that are opened while it exists, on whatever thread: counts the calls of every
/// command that has a result, and lets chosen ones fail without reaching the driver. Its memory may be less than the driver says.
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
        "vkCreateDevice", "vkFreeMemory",
    ];

    // VkMemoryAllocateInfo: a number and a pointer lie before the size.
    private const int SizeInAllocateInfo = 16;

    // Native code calls them: they must not be collected.
    private static readonly ConcurrentBag<Command> Alive = [];
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly List<(string Name, int Call, int Result)> _faults = [];
    private readonly ConcurrentDictionary<long, long> _allocations = new();
    private long _heldBytes;

    public FaultyDriver() => CommandSource.Between.Value = Wrap;

    private delegate int Command(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h);

    /// <summary>Calls of each command so far.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Bytes that the device has, whatever it says.</summary>
    public long HeapBytes { get; set; } = long.MaxValue;

    /// <summary>Bytes that are allocated.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Most bytes that were allocated at one time.</summary>
    public long HeldMost { get; private set; }

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
        Command outer = name switch
        {
            "vkAllocateMemory" => (a, b, c, d, e, f, g, h) => Fault(name) ?? Allocate(b, d, () => inner(a, b, c, d, e, f, g, h)),
            // It has no result; whoever calls it does not look for one.
            "vkFreeMemory" => (a, b, c, d, e, f, g, h) =>
            {
                Interlocked.Add(ref _heldBytes, _allocations.TryRemove(b, out long bytes) ? -bytes : 0);
                return inner(a, b, c, d, e, f, g, h);
            }
            ,
            _ => (a, b, c, d, e, f, g, h) => Fault(name) ?? inner(a, b, c, d, e, f, g, h),
        };
        Alive.Add(outer);
        return Marshal.GetFunctionPointerForDelegate(outer);
    }

    private int Allocate(nint info, nint memory, Func<int> allocate)
    {
        long bytes = Marshal.ReadInt64(info, SizeInAllocateInfo);
        if (Interlocked.Add(ref _heldBytes, bytes) > HeapBytes)
        {
            Interlocked.Add(ref _heldBytes, -bytes);
            Happened++;
            return OutOfDeviceMemory;
        }

        int result = allocate();
        if (result == 0)
        {
            _allocations[Marshal.ReadInt64(memory)] = bytes;
            HeldMost = Math.Max(HeldMost, HeldBytes);
        }
        else
        {
            Interlocked.Add(ref _heldBytes, -bytes);
        }

        return result;
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
