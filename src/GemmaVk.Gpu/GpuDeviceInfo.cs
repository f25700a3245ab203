using System;
using System.Collections.Generic;

namespace GemmaVk.Gpu;

/// <summary>What a device is, before it is opened.</summary>
/// <param name="Index">Position in <see cref="GpuInstance.Devices"/>.</param>
/// <param name="Name">Name as the driver gives it.</param>
/// <param name="Type">Kind of device.</param>
/// <param name="Driver">Driver name, e.g. <c>llvmpipe</c> or <c>NVIDIA</c>.</param>
/// <param name="DriverInfo">Driver version in the driver's words.</param>
/// <param name="ApiVersion">Highest Vulkan version the device supports.</param>
/// <param name="Heaps">Memory heaps in the driver's order.</param>
public sealed record GpuDeviceInfo(
    int Index, string Name, GpuDeviceType Type, string Driver, string DriverInfo, Version ApiVersion, IReadOnlyList<GpuHeap> Heaps)
{
    /// <summary>Bytes of the largest device-local heap.</summary>
    public long DeviceMemory
    {
        get
        {
            long most = 0;
            foreach (GpuHeap heap in Heaps)
                most = heap.DeviceLocal ? Math.Max(most, heap.Bytes) : most;
            return most;
        }
    }
}

/// <summary>Kinds of devices, fastest usually first.</summary>
public enum GpuDeviceType
{
    /// <summary>A card with its own memory.</summary>
    Discrete,

    /// <summary>A GPU that shares the machine's memory.</summary>
    Integrated,

    /// <summary>A GPU lent to a virtual machine.</summary>
    Virtual,

    /// <summary>None of the others.</summary>
    Other,

    /// <summary>A driver that computes on the CPU, such as lavapipe.</summary>
    Software,
}

/// <summary>One memory heap of a device.</summary>
/// <param name="Bytes">Size in bytes, as reported: some drivers report less than they give.</param>
/// <param name="DeviceLocal">Memory of the device itself.</param>
public readonly record struct GpuHeap(long Bytes, bool DeviceLocal);
