using System;
using System.Linq;
using GemmaVk.Kernels;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class DoctorTests
{
    [Fact]
    public void The_doctor_shows_the_cpu_its_bandwidth_and_a_variant_of_every_kernel()
    {
        string text = CommandRun.Of("doctor").Text();
        Assert.Contains("--device auto takes", text, StringComparison.Ordinal);
        Assert.Contains("instruction sets:", text, StringComparison.Ordinal);
        Assert.Matches(@"measured read bandwidth: [0-9.]+ GB/s", text);
        foreach (string kernel in typeof(IPass).GetMethods().Select(method => method.Name))
        {
            Assert.Matches($@"(?m)^ *{kernel} ", text);
        }
    }

    [Fact]
    public void The_doctor_lists_vulkan_devices_or_says_what_to_install()
    {
        DeviceSurvey survey = DeviceSurvey.Take();
        string text = CommandRun.Of("doctor").Text();
        foreach (VulkanDevice device in survey.Vulkan)
        {
            Assert.Contains($"Vulkan device {device.Index} (", text, StringComparison.Ordinal);
            Assert.Contains(device.Name, text, StringComparison.Ordinal);
        }

        Assert.Equal(survey.Vulkan.Count == 0, text.Contains("Vulkan: none.", StringComparison.Ordinal));
    }
}
