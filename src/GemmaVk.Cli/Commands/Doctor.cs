using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Tensors;

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
        List<(string Flag, string Title)> devices = [("cpu", "CPU")];
        foreach (VulkanDevice device in survey.Vulkan)
        {
            string index = device.Index.ToString(CultureInfo.InvariantCulture);
            devices.Add((index, $"Vulkan device {index} ({device.Kind}, Vulkan {device.ApiVersion})"));
        }

        if (Parts.Ilgpu)
        {
            devices.AddRange(IlgpuDevices.All().Select(device => (device.Id, $"ILGPU device {device.Id}")));
        }

        DeviceReport[] reports = [.. devices.Select(device => DeviceReport.Of(device.Flag, device.Title, surroundings.Log))];
        output.WriteLine(reports.First(report => report.Flag == survey.Auto).Verdict);
        output.WriteLine($"--device auto takes {(survey.Auto == "cpu" ? "the CPU" : survey.Auto.Contains(':', StringComparison.Ordinal) ? survey.Auto : $"Vulkan device {survey.Auto}")}: {survey.Reason}.");
        foreach (DeviceReport report in reports)
        {
            report.Write(output, surroundings.Verbose);
            if (report.Flag == "cpu" && survey.Obstacle is { } obstacle)
            {
                output.WriteLine();
                output.WriteLine($"Vulkan: none. {obstacle}");
            }
        }

        output.WriteLine();
        foreach (string library in (string[])[DriverLibraries.Cuda, DriverLibraries.OpenCL])
        {
            output.WriteLine($"ILGPU: {library} is {(DriverLibraries.Has(library) ? "installed" : "not installed")}.");
        }

        if (!Parts.Ilgpu)
        {
            output.WriteLine("ILGPU: this program was built without it, so it asks neither for a device.");
        }

        if (!surroundings.Verbose)
        {
            output.WriteLine();
            output.WriteLine("--verbose lists the variant of every kernel.");
        }

        // A device that is not there is a finding; a variable that is wrong stops every other command too.
        return reports.FirstOrDefault(report => report.ByVariable) is { } wrong ? throw new GemmaVkException(wrong.Obstacle!) : ExitCode.Done;
    }
}
