using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using Spectre.Console;

namespace GemmaVk.Cli.Instruments;

/// <summary>Two measurements of kernels against each other.</summary>
internal sealed class KernelsCompare : Verb
{
    private readonly Argument<string> _before = new("BEFORE") { Description = "A file that 'gemmavk kernels bench --json' wrote." };
    private readonly Argument<string> _after = new("AFTER") { Description = "Another one, of the same device." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of a table." };

    public KernelsCompare()
        : base("compare", "Compares two measurements kernel by kernel: ratio of times with its 95 % interval, and a verdict.")
    {
        Arguments.Add(_before);
        Arguments.Add(_after);
        Options.Add(_json);
    }

    public override string Title => "kernels compare";

    public override IReadOnlyList<string> Examples { get; } = ["gemmavk kernels compare before.json after.json", "gemmavk kernels compare before.json after.json --json"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        (string first, string second) = (parsed.GetValue(_before)!, parsed.GetValue(_after)!);
        (KernelsFile before, KernelsFile after) = (KernelsFile.Read(first), KernelsFile.Read(second));
        string[] common = Comparable(before, after, first, second);
        (string Key, KernelRatio Ratio)[] ratios = [.. common.Select(key => (key, KernelRatio.Of(before.Results[key].Samples, after.Results[key].Samples)))];
        string[] alone = [.. before.Results.Keys.Concat(after.Results.Keys).Distinct().Except(common)];
        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(surroundings.Terminal.Out, json => Write(json, before, after, ratios, alone));
        }
        else
        {
            Write(surroundings.Terminal.Out, before, after, ratios, alone);
        }

        return ExitCode.Done;
    }

    /// <summary>What can be compared.</summary>
    /// <exception cref="GemmaVkException">The devices differ, a shape means something else in each file, or no shape is in both.</exception>
    internal static string[] Comparable(KernelsFile before, KernelsFile after, string first, string second)
    {
        if ((before.Backend, before.Device) != (after.Backend, after.Device))
        {
            throw new GemmaVkException(
                $"{second} is not comparable with {first}: expected one device, but {first} is of {before.Device} ({before.Backend}) and {second} of {after.Device} ({after.Backend}); measure both on one.");
        }

        string[] common = [.. before.Results.Keys.Where(after.Results.ContainsKey)];
        if (common.Length == 0)
        {
            throw new GemmaVkException(
                $"{second} is not comparable with {first}: expected some shape in both, but {first} has {Some(before.Results.Keys)} and {second} has {Some(after.Results.Keys)}; measure the same kernels.");
        }

        string[] changed = [.. common.Where(key => before.Results[key] is var a && after.Results[key] is var b && (a.Bytes != b.Bytes || a.Operations != b.Operations))];
        return changed.Length == 0 ? common : throw new GemmaVkException(
            FormattableString.Invariant($"{second} is not comparable with {first}: expected the same bytes and operations per call, but {changed[0]} counts {before.Results[changed[0]].Bytes} and {after.Results[changed[0]].Bytes} bytes, {before.Results[changed[0]].Operations} and {after.Results[changed[0]].Operations} operations ({changed.Length} shapes); measure both with one version."));
    }

    private static string Some(IEnumerable<string> keys) => keys.FirstOrDefault() is { } key ? $"{key}{(keys.Skip(1).Any() ? $" and {keys.Count() - 1} more" : "")}" : "none";

    private static void Write(TextWriter output, KernelsFile before, KernelsFile after, (string Key, KernelRatio Ratio)[] ratios, string[] alone)
    {
        output.WriteLine(before.Driver == after.Driver ? $"{before.Device}, {before.Driver}" : $"{before.Device}; the driver changed from {before.Driver} to {after.Driver}");
        Table table = Tables.Of("kernel", ">time after / before, 95 %", "verdict");
        foreach ((string key, KernelRatio ratio) in ratios)
        {
            table.Row(key, ratio.InWords, ratio.Verdict);
        }

        Tables.Console(output).Write(table);
        output.WriteLine($"{ratios.Count(each => each.Ratio.Verdict == "faster")} faster, {ratios.Count(each => each.Ratio.Verdict == "slower")} slower, {ratios.Count(each => each.Ratio.Verdict == "no difference")} without difference");
        if (alone.Length > 0)
        {
            output.WriteLine($"In one file only: {string.Join("; ", alone)}");
        }
    }

    private static void Write(Utf8JsonWriter json, KernelsFile before, KernelsFile after, (string Key, KernelRatio Ratio)[] ratios, string[] alone)
    {
        json.WriteStartObject();
        json.WriteString("schema", "gemmavk-kernels-compare-1");
        json.WriteString("device", before.Device);
        json.WriteString("driver_before", before.Driver);
        json.WriteString("driver_after", after.Driver);
        json.WriteStartArray("results");
        foreach ((string key, KernelRatio ratio) in ratios)
        {
            json.WriteStartObject();
            json.WriteString("kernel", key);
            json.WriteNumber("ratio", Math.Round(ratio.Ratio, 5));
            json.WriteNumber("low", Math.Round(ratio.Low, 5));
            json.WriteNumber("high", Math.Round(ratio.High, 5));
            json.WriteString("verdict", ratio.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("in_one_only");
        foreach (string key in alone)
        {
            json.WriteStringValue(key);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
