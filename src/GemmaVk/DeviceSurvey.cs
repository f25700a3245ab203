using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Tensors;

namespace GemmaVk;

/// <summary>What this machine can run on, before anything is opened.</summary>
/// <param name="Vulkan">Every Vulkan device, software ones included, in the order of their indices.</param>
/// <param name="Obstacle">Why there is no Vulkan device and what to install, or null when there is one.</param>
/// <param name="Auto">What <c>--device auto</c> takes: <c>cpu</c>, the index of a Vulkan device, or a GPU by its name in ILGPU.</param>
/// <param name="Reason">Why it takes that one.</param>
public sealed record DeviceSurvey(IReadOnlyList<VulkanDevice> Vulkan, string? Obstacle, string Auto, string Reason)
{
    /// <summary>Asks the Vulkan loader. No loader, no driver and an old one are findings, not errors.</summary>
    /// <exception cref="GemmaVkException">A variable that says how to open Vulkan is wrong, or asks for a layer that is not here: no other device is an answer to that.</exception>
    public static DeviceSurvey Take()
    {
        DeviceSurvey vulkan = OfVulkan();
        if (vulkan.Auto != "cpu" || !DriverLibraries.MayReachGpu)
        {
            return vulkan;
        }

        return Parts.Ilgpu ? vulkan.OrIlgpu(IlgpuDevices.All())
            : vulkan with { Reason = $"{vulkan.Reason}; {DriverLibraries.Cuda} or {DriverLibraries.OpenCL} is installed, but this program was built without ILGPU, which would ask there for a GPU" };
    }

    /// <summary>Where Vulkan offers no GPU, the first that CUDA or OpenCL offers, largest memory first.</summary>
    internal DeviceSurvey OrIlgpu(IReadOnlyList<IlgpuDeviceInfo> devices) =>
        devices.Where(device => device.IsGpu && device.Obstacle is null).OrderBy(device => device.Kind).ThenByDescending(device => device.MemoryBytes).FirstOrDefault() is { } gpu
            ? this with { Auto = gpu.Id, Reason = $"{gpu.Name} through {(gpu.Kind == IlgpuKind.Cuda ? "CUDA" : "OpenCL")}; {Reason}" }
            : this;

    private static DeviceSurvey OfVulkan()
    {
        GpuOptions options = new();
        try
        {
            using GpuInstance instance = GpuInstance.Create(options);
            VulkanDevice[] devices = [.. instance.Devices.Select(Describe)];
            GpuDeviceInfo? fastest = instance.Devices.Where(device => device.Type != GpuDeviceType.Software)
                .OrderBy(device => device.Type).ThenByDescending(device => device.DeviceMemory).FirstOrDefault();
            return fastest is not null
                ? new(devices, null, fastest.Index.ToString(System.Globalization.CultureInfo.InvariantCulture), "the fastest Vulkan GPU")
                : devices.Length > 0
                    ? new(devices, null, "cpu", $"{devices[0].Name.Split(" (")[0]} is only software; to use a GPU, install its driver")
                    : new(devices, $"The Vulkan loader is installed, but no driver offers a device. {Remedy}", "cpu", "no Vulkan driver offers a device; to use a GPU, install its driver");
        }
        catch (Exception e) when (e is VulkanException || (e is GemmaVkException && !options.Validation))
        {
            return new([], e.Message, "cpu", $"{FirstSentence(e.Message)}; to use a GPU, install what 'gemmavk doctor' names");
        }
    }

    /// <summary>The first sentence as the middle of another; a name in capitals, such as a variable's, stays one.</summary>
    internal static string FirstSentence(string message)
    {
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        string first = message[..(end < 0 ? message.Length : end)].TrimEnd('.');
        return first is [_, var second, ..] && char.IsUpper(second) ? first : char.ToLowerInvariant(first[0]) + first[1..];
    }

    private static string Remedy => OperatingSystem.IsLinux()
        ? "Install the driver of your GPU (Debian or Ubuntu: apt install mesa-vulkan-drivers for AMD, Intel and the software driver; NVIDIA: the maker's package)."
        : "Install the driver of your GPU.";

    private static VulkanDevice Describe(GpuDeviceInfo device) => new(
        device.Index, device.Name, device.Type.ToString(), $"{device.Driver} {device.DriverInfo}", device.ApiVersion, device.DeviceMemory);
}

/// <summary>A Vulkan device by its index.</summary>
/// <param name="Index">What <c>--device</c> takes.</param>
/// <param name="Name">Name as the driver gives it.</param>
/// <param name="Kind">Discrete, Integrated, Virtual, Software or Other.</param>
/// <param name="Driver">Driver and its version.</param>
/// <param name="ApiVersion">Highest Vulkan version it supports.</param>
/// <param name="MemoryBytes">Bytes of its largest own heap.</param>
public sealed record VulkanDevice(int Index, string Name, string Kind, string Driver, Version ApiVersion, long MemoryBytes);
