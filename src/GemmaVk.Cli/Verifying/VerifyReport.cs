using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Instruments;
using GemmaVk.Kernels.Checks;

namespace GemmaVk.Cli.Verifying;

/// <summary>One page on whether a device computes what it should, for a person or as JSON: what is attached to a report of a fault.</summary>
/// <param name="Forms">Every form of the device, in the order they ran.</param>
/// <param name="ModulesMissed">Shader modules that no case ran.</param>
/// <param name="Pebble">What the whole model did, or null where it was not run.</param>
/// <param name="PebbleObstacle">Why it was not run, or null.</param>
/// <param name="Own">Files that stood for modules.</param>
/// <param name="Quick">Whether shapes were few.</param>
/// <param name="Repeats">Runs of each recording.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record VerifyReport(
    IReadOnlyList<FormVerdict> Forms,
    IReadOnlyList<string> ModulesMissed,
    PebbleVerdict? Pebble,
    string? PebbleObstacle,
    IReadOnlyDictionary<string, string> Own,
    bool Quick,
    int Repeats,
    double Seconds)
{
    private const string Schema = "gemmavk-verify-1";
    private const int MostFaults = 20;

    /// <summary>No case failed, no run differed from another, and the model answered as published.</summary>
    public bool Holds => Faults.Count == 0;

    /// <summary>Whether everything that there is was run too.</summary>
    public bool Whole => ModulesMissed.Count == 0 && Pebble is not null;

    /// <summary>The verdict in a sentence.</summary>
    public string Verdict => !Holds ? $"WRONG: {Faults.Count} faults"
        : Whole ? "right: every kernel, and the whole model"
        : $"right as far as it ran: {(Pebble is null ? "the whole model was not run" : $"{ModulesMissed.Count} modules were not run")}";

    private IReadOnlyList<string> Faults =>
    [
        .. Forms.SelectMany(form => form.Cases.Where(each => !each.Holds).Select(each =>
            $"{each.Case.Kernel} {each.Case.Shape} ({string.Join(", ", each.Modules)}; {form.Form}): {(each.Worst.Holds ? $"race: {each.Race}" : each.Worst.Where)}")),
        .. (Pebble?.Faults ?? []).Select(fault => $"Pebble {fault}"),
    ];

    /// <summary>As Markdown.</summary>
    public void WriteMarkdown(TextWriter output)
    {
        output.WriteLine($"# gemmavk verify: {Verdict}");
        output.WriteLine();
        output.WriteLine($"- device: {Forms[0].Device.Name}");
        output.WriteLine($"- driver: {Forms[0].Device.Driver}");
        foreach (string detail in Forms[0].Device.Details)
        {
            output.WriteLine($"- {detail}");
        }

        output.WriteLine($"- program: {Provenance.Program}, {Provenance.System}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"- {(Quick ? "few shapes (--quick)" : "swept shapes")}, each recorded once and run {Repeats} times; {Forms.Sum(form => form.Cases.Count)} cases in {Seconds:F0} s"));
        output.WriteLine($"- forms: {string.Join("; ", Forms.Select(form => form.Form))}");
        foreach ((string module, string path) in Own)
        {
            output.WriteLine($"- {module} comes from {path}");
        }

        output.WriteLine();
        output.WriteLine("| kernel | ran as | cases | worst error, ulp | of its bound | races | verdict |");
        output.WriteLine("|---|---|---:|---:|---:|---:|---|");
        foreach (KernelLine line in Lines())
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {line.Kernel} | {line.InWords} | {line.Cases} | {Number(line.Ulps)} | {line.Share:P0} | {line.Races} | {(line.Wrong == 0 ? "right" : $"{line.Wrong} WRONG")} |"));
        }

        output.WriteLine();
        output.WriteLine(Pebble is null
            ? $"Pebble: not run. {PebbleObstacle}"
            : $"Pebble: {Pebble.Answers} greedy answers with {Pebble.Tokens} tokens, {(Pebble.Drafted ? "half of them drafted" : "none drafted")}: {(Pebble.Faults.Count == 0 ? "all as published" : $"{Pebble.Faults.Count} WRONG")}.");
        if (ModulesMissed.Count > 0)
        {
            output.WriteLine();
            output.WriteLine($"Not run: {string.Join(", ", ModulesMissed)}.");
        }

        if (Faults.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("## Faults");
            output.WriteLine();
            foreach (string fault in Faults.Take(MostFaults))
            {
                output.WriteLine($"- {fault}");
            }

            if (Faults.Count > MostFaults)
            {
                output.WriteLine($"- and {Faults.Count - MostFaults} more; --json has them all.");
            }
        }

        output.WriteLine();
        output.WriteLine("An error's bound is the count of roundings on its way (GemmaVk.Kernels.Checks.Tolerances); ulp is against the expected value, and large where terms cancel.");
    }

    /// <summary>As an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteBoolean("right", Holds);
        json.WriteBoolean("whole", Whole);
        json.WriteString("verdict", Verdict);
        Provenance.Write(json, Forms[0].Device);
        json.WriteBoolean("quick", Quick);
        json.WriteNumber("repeats", Repeats);
        json.WriteNumber("seconds", Math.Round(Seconds, 2));
        Strings(json, "forms", Forms.Select(form => form.Form));
        json.WriteStartObject("own_kernels");
        foreach ((string module, string path) in Own)
        {
            json.WriteString(module, path);
        }

        json.WriteEndObject();
        json.WriteStartArray("kernels");
        foreach (KernelLine line in Lines())
        {
            json.WriteStartObject();
            json.WriteString("kernel", line.Kernel);
            Strings(json, "modules", line.Modules);
            json.WriteNumber("cases", line.Cases);
            Finite(json, "worst_ulp", line.Ulps);
            Finite(json, "worst_share_of_bound", line.Share);
            json.WriteNumber("races", line.Races);
            json.WriteNumber("wrong", line.Wrong);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (Pebble is null)
        {
            json.WriteNull("pebble");
        }
        else
        {
            json.WriteStartObject("pebble");
            json.WriteNumber("answers", Pebble.Answers);
            json.WriteNumber("tokens", Pebble.Tokens);
            json.WriteBoolean("drafted", Pebble.Drafted);
            json.WriteNumber("wrong", Pebble.Faults.Count);
            json.WriteEndObject();
        }

        Strings(json, "modules_not_run", ModulesMissed);
        Strings(json, "faults", Faults);
        json.WriteEndObject();
    }

    private IEnumerable<KernelLine> Lines() => Forms.SelectMany(form => form.Cases).GroupBy(each => each.Case.Kernel).Select(group => new KernelLine(
        group.Key,
        [.. group.SelectMany(each => each.Modules).Distinct()],
        group.Count(),
        group.Max(each => each.Worst.Ulps),
        group.Max(each => each.Worst.Share),
        group.Count(each => each.Race is not null),
        group.Count(each => !each.Holds)));

    private static string Number(double value) => double.IsInfinity(value) ? "-" : value.ToString(value < 100 ? "0.#" : "0.#e0", CultureInfo.InvariantCulture);

    // JSON has no infinity: an error without a measure is null.
    private static void Finite(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, Math.Round(value, 4));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private sealed record KernelLine(string Kernel, IReadOnlyList<string> Modules, int Cases, double Ulps, double Share, int Races, int Wrong)
    {
        // Names of modules repeat the kernel's: one that stands alone is enough, and of many the count.
        public string InWords => Modules.Count <= 2 ? string.Join(", ", Modules) : $"{Modules.Count} modules";
    }
}
