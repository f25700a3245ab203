using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Cpu;
using GemmaVk.Gpu;
using GemmaVk.Ilgpu;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Microsoft.Extensions.Logging;

namespace GemmaVk;

/// <summary>
/// The only place that makes backends. "auto" takes the fastest Vulkan GPU; where there is none, a GPU that
/// CUDA or OpenCL reaches through ILGPU; and else the CPU. It never takes a software driver, which computes on the same CPU and slower. Whatever it takes, it says why.
/// </summary>
public static partial class BackendFactory
{
    /// <summary>Opens a device.</summary>
    /// <param name="device">
    /// <c>auto</c>, <c>cpu</c>, <c>vulkan</c>, the index of a Vulkan device, or <c>ilgpu</c> with <c>:cpu</c>, <c>:cuda</c> or <c>:opencl</c> and an index.
    /// </param>
    /// <param name="log">Receives what is not worth an error.</param>
    /// <param name="memory">Bytes of memory the device has; null for what it says.</param>
    /// <param name="timing">Take the time of every kernel; null where the environment says.</param>
    /// <param name="kernels">Files that stand for shader modules, by module; for Vulkan devices only.</param>
    /// <param name="tuned">Take the forms of kernels that were measured on the device.</param>
    /// <param name="statistics">Ask a Vulkan driver what its compiler made of each kernel.</param>
    /// <exception cref="GemmaVkException">The device is not there, or cannot run the kernels.</exception>
    public static ChosenBackend Create(
        string device, ILogger log, long? memory = null, bool? timing = null, IReadOnlyDictionary<string, string>? kernels = null, bool tuned = true, bool statistics = false)
    {
        string asked = device;
        string? why = Survey(ref device);
        if (IsIlgpu(device))
        {
            if (!Parts.Ilgpu)
            {
                throw Parts.LeftOut($"--device {asked}", nameof(Parts.Ilgpu));
            }

            IlgpuDeviceInfo info = IlgpuDevices.Choose(device, out string chosen);
            RefuseOwn(kernels, asked, info.Id);
            IlgpuOptions ilgpu = new(MemoryBytes: memory);
            return new(IlgpuBackend.Open(info, ilgpu with { Timing = timing ?? ilgpu.Timing }), why ?? chosen);
        }

        (bool cpu, int? index, string reason) = Choose(device, why);
        if (cpu)
        {
            RefuseOwn(kernels, asked, "the CPU");
            CpuOptions options = new(MemoryBytes: memory);
            return new(new CpuBackend(options with { Timing = timing ?? options.Timing }), reason);
        }

        return Vulkan(index, () => new ChosenBackend(VulkanBackend.Create(Options(log, memory, timing, kernels) with { Tuning = tuned, Statistics = statistics }, index), reason));
    }

    /// <summary>Reads the variables that say how to open Vulkan, for what asks no device and tells of its kernels.</summary>
    /// <exception cref="GemmaVkException">One of them is wrong.</exception>
    public static void CheckVariables() => _ = new GpuOptions();

    /// <summary>The memory of a device and why it would be chosen, without opening it.</summary>
    /// <param name="device">As for <see cref="Create"/>.</param>
    /// <param name="memory">Bytes of memory the device has; null for what it says.</param>
    /// <exception cref="GemmaVkException">The device is not there.</exception>
    public static (DeviceMemory Memory, string Reason) MemoryOf(string device, long? memory = null)
    {
        string? why = Survey(ref device);
        if (IsIlgpu(device))
        {
            if (!Parts.Ilgpu)
            {
                throw Parts.LeftOut($"--device {device}", nameof(Parts.Ilgpu));
            }

            IlgpuDeviceInfo info = IlgpuDevices.Choose(device, out string chosen);
            return (Capped(IlgpuBackend.MemoryOf(info, new IlgpuOptions(MemoryBytes: memory)), memory), why ?? chosen);
        }

        (bool cpu, int? index, string reason) = Choose(device, why);
        return cpu
            ? (CpuBackend.MemoryOf(new CpuOptions(MemoryBytes: memory)), reason)
            : Vulkan(index, () =>
            {
                using GpuInstance instance = GpuInstance.Create(new GpuOptions { MemoryLimit = memory });
                return (Capped(instance.Memory(instance.Choose(index)), memory), reason);
            });
    }

    /// <summary>
    /// A device that computes in the machine's memory has no more than the machine; what a software driver says about it
    /// does not count at all.
    /// </summary>
    internal static DeviceMemory Capped(DeviceMemory device, long? given)
    {
        if (!device.IsHostMemory || given is not null)
        {
            return device;
        }

        MachineMemory machine = MachineMemory.Read();
        return device.IsSoftware || machine.AvailableBytes < device.AvailableBytes
            ? device with { TotalBytes = machine.TotalBytes, AvailableBytes = machine.AvailableBytes, Source = machine.Source }
            : device;
    }

    private static GpuOptions Options(ILogger log, long? memory, bool? timing, IReadOnlyDictionary<string, string>? kernels)
    {
        GpuOptions options = new() { Log = line => log.LogInformation("{Line}", line), MemoryLimit = memory };
        return options with { Timing = timing ?? options.Timing, OwnKernels = kernels ?? options.OwnKernels };
    }

    private static void RefuseOwn(IReadOnlyDictionary<string, string>? kernels, string asked, string taken)
    {
        if (kernels is { Count: > 0 })
        {
            throw new GemmaVkException($"--kernel {kernels.First().Key}={kernels.First().Value}: expected a Vulkan device, because it is a shader, but --device {asked} takes {taken}; give --device vulkan or an index that 'gemmavk doctor' shows.");
        }
    }

    private static bool IsIlgpu(string device) => device == "ilgpu" || device.StartsWith("ilgpu:", StringComparison.Ordinal);

    /// <summary>Puts in place of "auto" what the survey takes, and says why; null where there was nothing to choose.</summary>
    private static string? Survey(ref string device)
    {
        if (device != "auto")
        {
            return null;
        }

        DeviceSurvey survey = DeviceSurvey.Take();
        device = survey.Auto;
        return survey.Reason;
    }

    private static (bool Cpu, int? Index, string Reason) Choose(string device, string? why)
    {
        switch (device)
        {
            case "cpu":
                return (true, null, why ?? "asked for with --device cpu");
            case "vulkan":
                return (false, null, "asked for with --device vulkan");
            default:
                return int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                    ? (false, index, why ?? $"asked for with --device {index}")
                    : throw new GemmaVkException(
                        $"--device {device}: expected auto, cpu, vulkan, the index of a Vulkan device, or ilgpu with :cpu, :cuda or :opencl. 'gemmavk doctor' lists them.");
        }
    }

    // What is wrong with a shader of the user's, no other device mends.
    private static T Vulkan<T>(int? index, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is VulkanException or GemmaVkException && !e.Message.StartsWith("--kernel ", StringComparison.Ordinal))
        {
            string flag = index?.ToString(CultureInfo.InvariantCulture) ?? "vulkan";
            throw new GemmaVkException($"--device {flag}: {Complaint.Of(e)} To run without a GPU, give --device cpu.", e);
        }
    }
}

/// <summary>A backend and why it was chosen.</summary>
public sealed record ChosenBackend(IBackend Backend, string Reason);
