using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Kernels;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;
using Spectre.Console;

namespace GemmaVk.Cli.Commands;

/// <summary>What this machine has, what each kernel will run as, and what would be chosen.</summary>
internal sealed class Doctor : Verb
{
    public Doctor()
        : base("doctor", "Shows devices, drivers and features, which variant of each kernel runs and why, and the measured memory bandwidth.")
    {
    }

    public override IReadOnlyList<string> Examples { get; } = ["gemmavk doctor", "gemmavk doctor --verbose"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        TextWriter output = surroundings.Terminal.Out;
        DeviceSurvey survey = DeviceSurvey.Take();
        string auto = survey.Auto == "cpu" ? "the CPU" : $"Vulkan device {survey.Auto}";
        output.WriteLine($"--device auto takes {auto}: {survey.Reason}.");
        Show("cpu", "CPU", surroundings);
        if (survey.Obstacle is { } obstacle)
        {
            output.WriteLine();
            output.WriteLine($"Vulkan: none. {obstacle}");
        }

        foreach (VulkanDevice device in survey.Vulkan)
        {
            string index = device.Index.ToString(CultureInfo.InvariantCulture);
            Show(index, $"Vulkan device {index} ({device.Kind}, Vulkan {device.ApiVersion})", surroundings);
        }

        return ExitCode.Done;
    }

    private static void Show(string device, string title, Surroundings surroundings)
    {
        TextWriter output = surroundings.Terminal.Out;
        output.WriteLine();
        try
        {
            using IBackend backend = BackendFactory.Create(device, surroundings.Log).Backend;
            DeviceDescription description = backend.Device;
            output.WriteLine($"{title}: {description.Name}");
            output.WriteLine($"  --device {device}");
            output.WriteLine($"  driver: {description.Driver}");
            DeviceMemory memory = BackendFactory.MemoryOf(device).Memory;
            output.WriteLine($"  memory: {PlanRefusal.Size(memory.TotalBytes)}, {PlanRefusal.Size(memory.AvailableBytes)} available now ({memory.Source})");
            foreach (string detail in description.Details)
            {
                output.WriteLine($"  {detail}");
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  measured read bandwidth: {backend.MeasureReadBandwidth() / 1e9:F1} GB/s"));
            Table table = Tables.Of("kernel", "variant", "why");
            foreach (KernelVariant variant in backend.Variants)
            {
                table.Row(variant.Kernel, variant.Variant, variant.Reason);
            }

            Tables.Console(output).Write(table);
        }
        catch (Exception error) when (error is GemmaVkException or InvalidOperationException)
        {
            // One device that cannot be used must not hide the others.
            output.WriteLine($"{title}: cannot be used. {error.Message}");
        }
    }
}
