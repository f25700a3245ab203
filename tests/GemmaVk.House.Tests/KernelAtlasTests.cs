using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using GemmaVk.Kernels;
using Xunit;

namespace GemmaVk.House.Tests;

/// <summary>One name, seven places, for each method of IPass.</summary>
public class KernelAtlasTests
{
    // Files beside the kernels that belong to none, with the reason.
    private static readonly Dictionary<string, string> Others = new()
    {
        ["shaders/read_bandwidth.comp"] = "measures the device; no pass calls it",
        ["shaders/peak.comp"] = "measures the device; no pass calls it",
        ["shaders/peak_matrix.comp"] = "measures the device; no pass calls it",
        ["src/GemmaVk.Gpu/Kernels/PeakGpu.cs"] = "measures the device; no pass calls it",
        ["src/GemmaVk.Gpu/Kernels/PeakMatrixGpu.cs"] = "measures the device; no pass calls it",
        ["src/GemmaVk.Gpu/Kernels/ReadBandwidthGpu.cs"] = "measures the device; no pass calls it",
        ["src/GemmaVk.Ilgpu/Kernels/ReadBandwidthIlgpu.cs"] = "measures the device; no pass calls it",
    };

    private static string[] Kernels { get; } = [.. typeof(IPass).GetMethods().Select(method => method.Name)];

    [Fact]
    public void Every_kernel_has_its_seven_places()
    {
        Assert.NotEmpty(Kernels);
        Report.Empty(Kernels.SelectMany(kernel => new KernelPlaces(kernel).Missing(Checkout.Has)));
    }

    [Fact]
    public void Nothing_stands_there_under_another_name() =>
        Report.Empty(KernelPlaces.Strays(Kernels, Checkout.Texts, Others.Keys));

    [Fact]
    public void Every_shader_names_its_reference() => Report.Empty(
        from kernel in Kernels
        let places = new KernelPlaces(kernel)
        where Checkout.Has(places.Shader) && !Checkout.Read(places.Shader).Contains(places.Specification, StringComparison.Ordinal)
        select $"{places.Shader}: its header does not name {places.Specification}");

    [Fact]
    public void Every_specification_has_arguments_a_reference_and_a_source() => Report.Empty(
        from kernel in Kernels
        let type = Specification(kernel)
        from lacks in new[]
        {
            type.GetNestedType("Args") is null ? "Args" : null,
            type.GetMethods().All(method => method.Name != "Reference") ? "Reference" : null,
            type.GetCustomAttribute<KernelAttribute>() is { Purpose.Length: > 0, Source.Length: > 0 } ? null : "[Kernel(purpose, source)]",
        }
        where lacks is not null
        select $"{kernel} has no {lacks}");

    [Fact]
    public void Every_specification_names_who_calls_it()
    {
        // What follows a model: other files of the room measure kernels, or stand for a pass.
        string[] folders = ["Forward", "Drafting", "Media"];
        (string Caller, string Kernel)[] calls =
        [
            .. from file in Checkout.Texts
               where folders.Any(folder => file.StartsWith($"src/GemmaVk.Runtime/{folder}/", StringComparison.Ordinal))
               from Match call in Regex.Matches(Checkout.Read(file), @"\bpass\.(\w+)\(")
               let caller = Path.GetFileNameWithoutExtension(file)
               where Kernels.Contains(call.Groups[1].Value) && caller != "TracePass"
               select (caller, call.Groups[1].Value),
        ];
        Assert.True(calls.Length > Kernels.Length);
        Report.Empty(
            from call in calls.Distinct()
            where !Regex.IsMatch(Checkout.Read(new KernelPlaces(call.Kernel).Specification), $@"/// Called by: .*\b{call.Caller}\b")
            select $"{call.Kernel}: 'Called by' does not name {call.Caller}");
    }

    /// <summary>With GEMMAVK_WRITE=1 this writes the table instead.</summary>
    [Fact]
    public void The_atlas_is_up_to_date()
    {
        const string document = "shaders/README.md";
        Assert.True(Checkout.Has(document), $"no {document}: it carries the atlas between {AtlasTable.Begin} and {AtlasTable.End}.");
        string text = Checkout.Read(document).ReplaceLineEndings("\n");
        string table = AtlasTable.Of(Rows(), "../");
        if (Environment.GetEnvironmentVariable("GEMMAVK_WRITE") == "1")
        {
            File.WriteAllText(Checkout.Full(document), AtlasTable.Put(text, table));
            return;
        }

        Assert.True(
            AtlasTable.In(text) == table,
            $"the table between {AtlasTable.Begin} and {AtlasTable.End} of {document} is not what IPass says. "
            + "Run 'GEMMAVK_WRITE=1 dotnet test tests/GemmaVk.House.Tests' and commit what it writes.");
    }

    private static IEnumerable<(string Kernel, string Purpose)> Rows() =>
        Kernels.Select(kernel => (kernel, Specification(kernel).GetCustomAttribute<KernelAttribute>()?.Purpose ?? ""));

    private static Type Specification(string kernel) =>
        typeof(IPass).Assembly.GetType($"GemmaVk.Kernels.{kernel}") ?? throw new InvalidOperationException($"no class GemmaVk.Kernels.{kernel} for IPass.{kernel}");
}
