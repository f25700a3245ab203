using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace GemmaVk.Cli.Listings;

/// <summary>What a device is, can do and was measured to do.</summary>
/// <param name="Flag">What --device takes for it.</param>
/// <param name="Title">What it is called in the list.</param>
internal sealed record DeviceReport(string Flag, string Title)
{
    /// <summary>Why it cannot be used, or null.</summary>
    public string? Obstacle { get; private init; }

    /// <summary>Whether that is a variable of the environment, which no other device is an answer to.</summary>
    public bool ByVariable { get; private init; }

    /// <summary>Its description, where it can be used.</summary>
    public DeviceDescription? Description { get; private init; }

    /// <summary>Its memory, where it can be used.</summary>
    public DeviceMemory? Memory { get; private init; }

    /// <summary>Measured read bandwidth.</summary>
    public double BytesPerSecond { get; private init; }

    /// <summary>Which variant of each kernel it runs.</summary>
    public IReadOnlyList<KernelVariant> Variants { get; private init; } = [];

    /// <summary>Forms of kernels that were measured.</summary>
    public IReadOnlyList<TunedKernel> Tuned { get; private init; } = [];

    /// <summary>Opens a device, asks and measures it. One that cannot be used must not hide the others.</summary>
    public static DeviceReport Of(string flag, string title, ILogger log)
    {
        DeviceReport report = new(flag, title);
        try
        {
            using IBackend backend = BackendFactory.Create(flag, log).Backend;
            return report with
            {
                Description = backend.Device,
                Memory = BackendFactory.MemoryOf(flag).Memory,
                BytesPerSecond = backend.MeasureReadBandwidth(),
                Variants = backend.Variants,
                Tuned = backend.Tuned,
            };
        }
        catch (Exception error) when (error is GemmaVkException or InvalidOperationException)
        {
            return report with { Obstacle = error.Message, ByVariable = (error as GemmaVkException)?.Variable is not null };
        }
    }

    /// <summary>How a 12B would do here: speed from the measured bandwidth, and the context that 16 GB hold.</summary>
    public string Verdict
    {
        get
        {
            if (Description is null || Memory is null)
            {
                return $"Nothing runs on {Title}: {Obstacle}";
            }

            const long Wanted = 16_000_000_000;
            bool enough = Memory.AvailableBytes >= Wanted;
            MemoryPlan plan = EnginePlan.FullSize(Memory, enough ? Wanted : Memory.AvailableBytes);
            long read = new[] { PlanItems.Attention, PlanItems.FeedForward, PlanItems.Norms, PlanItems.Embedding }.Sum(name => plan[name]);
            string holds = enough ? "16 GB" : $"the {PlanRefusal.Size(Memory.AvailableBytes)} available here";
            string whole = plan.MaxContext == EnginePlan.FullSizeContext ? "its whole context of " : "";
            string context = plan.MaxContext == 0
                ? $"but {holds} do not hold it"
                : string.Create(CultureInfo.InvariantCulture, $"and {holds} hold {whole}{plan.MaxContext:N0} tokens");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Gemma 4 12B in INT4 runs on {(Flag == "cpu" ? "the CPU" : Title)}: up to {BytesPerSecond / read:F1} tokens/s at {BytesPerSecond / 1e9:F1} GB/s, {context}.");
        }
    }

    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="everyKernel">A row for each kernel, instead of one for those that say the same.</param>
    public void Write(TextWriter output, bool everyKernel)
    {
        output.WriteLine();
        if (Description is null || Memory is null)
        {
            output.WriteLine($"{Title}: cannot be used. {Obstacle}");
            return;
        }

        output.WriteLine($"{Title}: {Description.Name}");
        output.WriteLine($"  --device {Flag}");
        output.WriteLine($"  driver: {Description.Driver}");
        output.WriteLine($"  memory: {PlanRefusal.Size(Memory.TotalBytes)}, {PlanRefusal.Size(Memory.AvailableBytes)} available now ({Memory.Source})");
        foreach (string detail in Description.Details)
        {
            output.WriteLine($"  {detail}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  measured read bandwidth: {BytesPerSecond / 1e9:F1} GB/s"));
        if (Description.Backend == "vulkan")
        {
            output.WriteLine(Tuned.Count == 0 ? "  forms of products and attention: the usual ones; 'gemmavk tune' measures which are the fastest here"
                : $"  forms of products and attention: {Tuned.Count} were measured, {Tuned.Count(tuned => tuned.UsualMicroseconds > tuned.Microseconds)} are not the usual ones");
        }

        if (everyKernel)
        {
            if (Description.Backend == "vulkan")
            {
                output.WriteLine($"  shaders of your own (--kernel) are compiled by {BackendFactory.ShaderCompiler}");
            }

            foreach (TunedKernel tuned in Tuned)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"    {tuned.Module}{(tuned.Cols == 0 ? "" : $", {tuned.Cols} rows of x")}: {tuned.Form}, {tuned.Microseconds:F1} us, usual {tuned.UsualMicroseconds:F1} us"));
            }

            WriteTable(output);
        }
        else
        {
            WriteFolded(output);
        }
    }

    private void WriteTable(TextWriter output)
    {
        Table table = Tables.Of("kernel", "variant", "why");
        foreach (KernelVariant variant in Variants)
        {
            table.Row(variant.Kernel, variant.Variant, variant.Reason);
        }

        Tables.Console(output).Write(table);
    }

    /// <summary>One line for all kernels with the same reason; a variant is named where it is not the kernel's own name.</summary>
    private void WriteFolded(TextWriter output)
    {
        foreach (IGrouping<string, KernelVariant> alike in Variants.GroupBy(variant => variant.Reason).OrderByDescending(group => group.Count()))
        {
            string[] variants = [.. alike.Select(variant => variant.Variant).Distinct()];
            string which = variants.Length == 1 ? $" as {variants[0]}" : "";
            string names = alike.Count() == Variants.Count ? "all kernels"
                : alike.Count() > Variants.Count / 2 ? $"{alike.Count()} kernels, all but those below"
                : string.Join(", ", alike.Select(variant => variant.Kernel));
            output.WriteLine($"  {names}{which}: {alike.Key}");
        }
    }
}
