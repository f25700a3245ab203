using System;
using System.Globalization;
using GemmaVk.Cpu;
using GemmaVk.Gpu;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using GemmaVk.Vulkan;
using Microsoft.Extensions.Logging;

namespace GemmaVk;

/// <summary>
/// The only place that makes backends. "auto" takes the fastest Vulkan GPU and the CPU where there is none; it never
/// takes a software driver, which computes on the same CPU and slower. Whatever it takes, it says why.
/// </summary>
public static class BackendFactory
{
    /// <summary>Opens a device.</summary>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>vulkan</c>, or the index of a Vulkan device.</param>
    /// <param name="log">Receives what is not worth an error.</param>
    /// <exception cref="GemmaVkException">The device is not there, or cannot run the kernels.</exception>
    public static ChosenBackend Create(string device, ILogger log)
    {
        switch (device)
        {
            case "cpu":
                return Cpu("asked for with --device cpu");
            case "vulkan":
                return Vulkan(null, "asked for with --device vulkan", log);
            case "auto":
                return Auto(log);
            default:
                return int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                    ? Vulkan(index, $"asked for with --device {index}", log)
                    : throw new GemmaVkException(
                        $"--device {device}: expected auto, cpu, vulkan or the index of a Vulkan device. 'gemmavk doctor' lists them.");
        }
    }

    private static ChosenBackend Auto(ILogger log)
    {
        DeviceSurvey survey = DeviceSurvey.Take();
        return survey.Auto == "cpu" ? Cpu(survey.Reason) : Vulkan(int.Parse(survey.Auto, CultureInfo.InvariantCulture), survey.Reason, log);
    }

    private static ChosenBackend Cpu(string reason) => new(new CpuBackend(), reason);

    private static ChosenBackend Vulkan(int? index, string reason, ILogger log)
    {
        try
        {
            return new(VulkanBackend.Create(new GpuOptions { Log = line => log.LogInformation("{Line}", line) }, index), reason);
        }
        catch (Exception e) when (e is VulkanException or GemmaVkException)
        {
            string flag = index?.ToString(CultureInfo.InvariantCulture) ?? "vulkan";
            throw new GemmaVkException($"--device {flag}: {e.Message} To run without a GPU, give --device cpu.", e);
        }
    }
}

/// <summary>A backend and why it was chosen.</summary>
public sealed record ChosenBackend(IBackend Backend, string Reason);
