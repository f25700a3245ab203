using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Answers;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Listings;
using Spectre.Console;

namespace GemmaVk.Cli.Measuring;

/// <summary>
/// What a benchmark found, in the three forms it can be printed in. The measured bandwidth is the best that reading memory alone came to before, between and after the
/// tests; a test may still come to more, and the table then says what that means.
/// </summary>
internal sealed record BenchReport(
    IReadOnlyList<BenchResult> Results, double MeasuredBytesPerSecond, double LoadSeconds, long PeakMemoryBytes, string Device, string Cache)
{
    /// <summary>The same tests with embedded kernels, sample beside sample; null where nothing stood in their place.</summary>
    public IReadOnlyList<BenchResult>? Embedded { get; init; }

    private IEnumerable<(BenchResult Own, KernelRatio Ratio)> Ratios => Results.Zip(
        Embedded ?? [],
        // Times are the inverse of rates.
        (own, embedded) => (own, KernelRatio.OfPairs([.. embedded.Samples.Select(rate => 1 / rate)], [.. own.Samples.Select(rate => 1 / rate)])));

    /// <summary>As an object: one that holds both where kernels of the user's were measured beside embedded ones.</summary>
    public void Write(Utf8JsonWriter json)
    {
        if (Embedded is null)
        {
            WriteOne(json);
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName("embedded");
        (this with { Results = Embedded }).WriteOne(json);
        json.WritePropertyName("own");
        WriteOne(json);
        json.WriteStartArray("ratios");
        foreach ((BenchResult own, KernelRatio ratio) in Ratios)
        {
            json.WriteStartObject();
            json.WriteString("test", own.Test);
            json.WriteNumber("depth", own.Depth);
            json.WriteNumber("time", Math.Round(ratio.Ratio, 4));
            json.WriteNumber("low", Math.Round(ratio.Low, 4));
            json.WriteNumber("high", Math.Round(ratio.High, 4));
            json.WriteString("verdict", ratio.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteOne(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("results");
        foreach (BenchResult result in Results)
        {
            json.WriteStartObject();
            json.WriteString("test", result.Test);
            json.WriteNumber("depth", result.Depth);
            json.WriteStartObject("tokens_per_second");
            json.WriteNumber("median", Math.Round(result.Median, 4));
            json.WriteStartArray("samples");
            foreach (double sample in result.Samples)
            {
                json.WriteNumberValue(Math.Round(sample, 4));
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteNumber("gb_per_second", Math.Round(result.BytesPerSecond / 1e9, 4));
            json.WriteNumber("share_of_measured", Math.Round(Share(result), 4));
            if (result.PlainSteps is { } plainSteps)
            {
                json.WriteNumber("plain_steps", Math.Round(plainSteps, 4));
            }

            result.Parallel?.Write(json);
            if (result.Drafting is { } drafting)
            {
                json.WriteStartObject("drafting");
                json.WriteNumber("speedup_over_plain", Math.Round(result.Speedup ?? 0, 4));
                DraftFigures.WriteStats(json, drafting);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("load_seconds", Math.Round(LoadSeconds, 4));
        json.WriteNumber("peak_memory_bytes", PeakMemoryBytes);
        json.WriteString("device", Device);
        json.WriteEndObject();
    }

    /// <summary>The table with embedded kernels, the one with the user's, and their ratios.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="own">The user's kernels in words.</param>
    public void WriteBeside(TextWriter output, string own)
    {
        output.WriteLine("embedded kernels:");
        (this with { Results = Embedded! }).WriteTable(output);
        output.WriteLine($"with {own}, in turns:");
        WriteTable(output);
        foreach ((BenchResult result, KernelRatio ratio) in Ratios)
        {
            output.WriteLine($"{result.Test} at depth {result.Depth}: {ratio.InWords} of the time with embedded kernels: {ratio.Verdict}");
        }
    }

    /// <summary>As lines of comma-separated values with a heading.</summary>
    public void WriteCsv(TextWriter output)
    {
        output.WriteLine(
            "test,depth,tokens_per_second,gb_per_second,share_of_measured,load_seconds,peak_memory_bytes,device,tokens_per_step,acceptance,assumed_acceptance,speedup_over_plain,plain_steps");
        foreach (BenchResult result in Results)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Test},{result.Depth},{result.Median:F4},{result.BytesPerSecond / 1e9:F4},{Share(result):F4},{LoadSeconds:F4},{PeakMemoryBytes},\"{Device.Replace("\"", "\"\"", StringComparison.Ordinal)}\"{Csv(result)}"));
        }
    }

    /// <summary>As a table.</summary>
    public void WriteTable(TextWriter output)
    {
        IAnsiConsole console = Tables.Console(output);
        Table table = Tables.Of("test", ">depth", ">tokens/s", ">GB/s", ">of measured", ">spread");
        foreach (BenchResult result in Results)
        {
            double spread = 0;
            foreach (double sample in result.Samples)
            {
                spread = Math.Max(spread, Math.Abs((sample / result.Median) - 1));
            }

            table.Row(
                result.Test,
                result.Depth.ToString(CultureInfo.InvariantCulture),
                result.Median.ToString("F2", CultureInfo.InvariantCulture),
                (result.BytesPerSecond / 1e9).ToString("F2", CultureInfo.InvariantCulture),
                $"{(Share(result) * 100).ToString("F0", CultureInfo.InvariantCulture)} %",
                $"±{(spread * 100).ToString("F1", CultureInfo.InvariantCulture)} %");
        }

        console.Write(table);
        foreach (BenchResult result in Results)
        {
            if (result.PlainSteps is { } plainSteps)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Test} at depth {result.Depth}: a pass takes {plainSteps:F2} plain steps of the same run"));
            }

            if (result.Parallel is { } parallel)
            {
                output.WriteLine($"{result.Test} at depth {result.Depth}: {parallel.InWords()}");
            }

            if (result.Drafting is { } drafting)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.Test} at depth {result.Depth}: {result.Speedup:F2} times plain decoding in the same run; {DraftFigures.Did(drafting with { PlainSeconds = null })}"));
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Device}, cache {Cache}: loaded in {LoadSeconds:F2} s, peak memory {PeakMemoryBytes / 1e9:F2} GB, measured bandwidth {MeasuredBytesPerSecond / 1e9:F1} GB/s"));
        if (Results.Any(result => Share(result) > 1))
        {
            output.WriteLine(
                "More than 100 % of measured: memory gave more during that test than beside it, or a cache held part of what was read (the weights of a small model fit). Memory is not known to be the limit there.");
        }
    }

    private static string Csv(BenchResult result) => result.Drafting is { } drafting
        ? string.Create(CultureInfo.InvariantCulture, $",{drafting.TokensPerStep:F4},{drafting.Acceptance:F4},{drafting.Assumed},{result.Speedup:F4},")
        : string.Create(CultureInfo.InvariantCulture, $",,,,,{result.PlainSteps:F4}");

    private double Share(BenchResult result) => result.BytesPerSecond / MeasuredBytesPerSecond;
}
