using System;
using System.Linq;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Planning;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class DoctorTests
{
    [Fact]
    public void The_doctor_shows_the_cpu_its_bandwidth_and_a_variant_of_every_kernel()
    {
        string text = CommandRun.Of("doctor", "--verbose").Text();
        Assert.Contains("--device auto takes", text, StringComparison.Ordinal);
        Assert.Contains("instruction sets:", text, StringComparison.Ordinal);
        Assert.Matches(@"measured read bandwidth: [0-9.]+ GB/s", text);
        Assert.Equal(DeviceSurvey.Take().Vulkan.Count, text.Split("are compiled by ").Length - 1);
        foreach (string kernel in typeof(IPass).GetMethods().Select(method => method.Name))
        {
            Assert.Matches($@"(?m)^ *{kernel} ", text);
        }
    }

    [Fact]
    public void The_first_line_says_what_a_12B_would_do_here()
    {
        string[] lines = CommandRun.Of("doctor").Text().Split('\n');
        Assert.Matches(@"^Gemma 4 12B in INT4 runs on .+: up to [0-9.]+ tokens/s at [0-9.]+ GB/s, (and|but) .+ hold", lines[0]);
        Assert.StartsWith("--device auto takes ", lines[1], StringComparison.Ordinal);
        // What every kernel says alike is one line.
        Assert.Single(lines, line => line.Contains("the widest that processor and runtime offer", StringComparison.Ordinal) && line.StartsWith("  1", StringComparison.Ordinal));
        Assert.True(lines.Count(line => line.Contains("kernels", StringComparison.Ordinal)) <= 1 + DeviceSurvey.Take().Vulkan.Count + IlgpuDevices.All().Count + 1);
    }

    [Fact]
    public void Sixteen_gigabytes_hold_the_whole_context()
    {
        DeviceMemory memory = new() { Name = "a card", TotalBytes = 24L << 30, AvailableBytes = 24L << 30, Source = "made up" };
        MemoryPlan plan = EnginePlan.FullSize(memory, 16_000_000_000);
        Assert.Equal(EnginePlan.FullSizeContext, plan.MaxContext);
        Assert.Equal(262_144, plan.MaxContext);
        Assert.InRange(EnginePlan.FullSize(memory, 8_600_000_000).MaxContext, 1, 200_000);
        Assert.Equal(0, EnginePlan.FullSize(memory, 4_000_000_000).MaxContext);
    }

    [Fact]
    public void A_variable_that_is_wrong_ends_the_doctor_and_the_plan_as_it_ends_a_run()
    {
        const string Name = "GEMMAVK_MACHINE_CODE";
        string? before = Environment.GetEnvironmentVariable(Name);
        Environment.SetEnvironmentVariable(Name, "nonsense");
        try
        {
            CommandRun doctor = CommandRun.Of("doctor"), plan = CommandRun.Of("plan", "--device", "cpu"), run = CommandRun.Of("generate", "--device", "cpu", "hi");
            Assert.Contains($"{Name}: expected one of on, off", run.Error, StringComparison.Ordinal);
            Assert.Equal((1, run.Error), (plan.Code, plan.Error));
            // It still lists what there is.
            Assert.Equal((1, run.Error), (doctor.Code, doctor.Error));
            Assert.Contains($"CPU: cannot be used. {Name}: expected one of on, off", doctor.Out, StringComparison.Ordinal);
            Assert.Contains("ILGPU: ", doctor.Out, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Name, before);
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
