using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Measuring;
using Spectre.Console;

namespace GemmaVk.Cli.Listings;

/// <summary>What became of some schemas, as tables or as JSON.</summary>
internal sealed class SchemaReport(int vocabulary)
{
    private readonly List<SchemaTrial> _trials = [];

    /// <summary>The times of all masks.</summary>
    public List<double> MaskMicroseconds { get; } = [];

    /// <summary>Schemas that were built.</summary>
    public int Built => _trials.Count(trial => trial.Refusal is null);

    /// <summary>Valid instances that were not taken.</summary>
    public int OverConstraint => Instances.Count(instance => instance is { Valid: true, Accepted: false });

    /// <summary>Instances that are not valid and were taken.</summary>
    public int UnderConstraint => Instances.Count(instance => instance is { Valid: false, Accepted: true });

    private IEnumerable<SchemaInstance> Instances => _trials.SelectMany(trial => trial.Instances);

    private IEnumerable<(string Keyword, int Count)> Refused => _trials.Where(trial => trial.Refusal is not null)
        .GroupBy(trial => trial.Refusal!.Keyword).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2).ThenBy(pair => pair.Key, StringComparer.Ordinal);

    public void Add(SchemaTrial trial) => _trials.Add(trial);

    /// <summary>Writes one object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("vocabulary", vocabulary);
        json.WriteNumber("schemas", _trials.Count);
        json.WriteNumber("built", Built);
        json.WriteNumber("passed", _trials.Count(trial => trial.Refusal is null && trial.Instances.TrueForAll(instance => instance.Valid == instance.Accepted)));
        json.WriteStartObject("refused");
        foreach ((string keyword, int count) in Refused)
        {
            json.WriteNumber(keyword, count);
        }

        json.WriteEndObject();
        json.WriteNumber("valid", Instances.Count(instance => instance.Valid));
        json.WriteNumber("invalid", Instances.Count(instance => !instance.Valid));
        json.WriteNumber("over_constraint", OverConstraint);
        json.WriteNumber("under_constraint", UnderConstraint);
        Times(json, "build_us", [.. _trials.Select(trial => trial.BuildMicroseconds)]);
        Times(json, "mask_us", MaskMicroseconds);
        json.WriteStartArray("refusals");
        foreach (SchemaTrial trial in _trials.Where(trial => trial.Refusal is not null))
        {
            json.WriteStartObject();
            json.WriteString("name", trial.Name);
            json.WriteString("keyword", trial.Refusal!.Keyword);
            json.WriteString("path", trial.Refusal.Path);
            json.WriteString("reason", trial.Refusal.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a table of the schemas that were refused or judge an instance wrongly (of all, where there are few), and the totals.</summary>
    public void WriteTables(TextWriter output)
    {
        IAnsiConsole console = Tables.Console(output);
        Table table = Tables.Of("schema", "outcome", ">states", ">build us", ">valid taken", ">invalid taken");
        foreach (SchemaTrial trial in _trials.Where(trial => _trials.Count <= 20 || trial.Refusal is not null || trial.Instances.Exists(instance => instance.Valid != instance.Accepted)))
        {
            table.Row(
                trial.Name,
                trial.Refusal is { } refusal ? $"refused: {refusal.Message}" : "built",
                trial.Refusal is null ? Number(trial.States) : "",
                Number(trial.BuildMicroseconds),
                Taken(trial, valid: true),
                Taken(trial, valid: false));
        }

        if (table.Rows.Count > 0)
        {
            console.Write(table);
        }

        foreach (SchemaTrial trial in _trials.Take(_trials.Count <= 20 ? 20 : 0))
        {
            foreach (SchemaInstance stopped in trial.Instances.Where(instance => instance is { Valid: true, Stopped: not null }))
            {
                output.WriteLine($"{trial.Name}: a valid instance is not taken behind {stopped.Stopped}");
            }
        }

        string refused = string.Join(", ", Refused.Select(pair => $"{pair.Keyword} {pair.Count}"));
        output.WriteLine($"{Built} of {_trials.Count} schemas built over {vocabulary} tokens{(refused.Length > 0 ? $"; refused: {refused}" : "")}");
        output.WriteLine($"{OverConstraint} of {Instances.Count(instance => instance.Valid)} valid instances not taken, {UnderConstraint} of {Instances.Count(instance => !instance.Valid)} others taken");
        output.WriteLine($"build us: {Line([.. _trials.Select(trial => trial.BuildMicroseconds)])}");
        if (MaskMicroseconds.Count > 0)
        {
            output.WriteLine($"mask us:  {Line(MaskMicroseconds)}");
        }
    }

    private static string Taken(SchemaTrial trial, bool valid) =>
        $"{trial.Instances.Count(instance => instance.Valid == valid && instance.Accepted)}/{trial.Instances.Count(instance => instance.Valid == valid)}";

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Line(List<double> times)
    {
        (double p50, double p99, double p999, double max) = Percentiles(times);
        return string.Create(CultureInfo.InvariantCulture, $"p50 {p50:F1}, p99 {p99:F1}, p99.9 {p999:F1}, max {max:F1} ({times.Count})");
    }

    private static void Times(Utf8JsonWriter json, string name, List<double> times)
    {
        (double p50, double p99, double p999, double max) = Percentiles(times);
        json.WriteStartObject(name);
        json.WriteNumber("count", times.Count);
        json.WriteNumber("p50", Math.Round(p50, 2));
        json.WriteNumber("p99", Math.Round(p99, 2));
        json.WriteNumber("p999", Math.Round(p999, 2));
        json.WriteNumber("max", Math.Round(max, 2));
        json.WriteEndObject();
    }

    private static (double P50, double P99, double P999, double Max) Percentiles(List<double> times)
    {
        if (times.Count == 0)
        {
            return default;
        }

        List<double> sorted = [.. times.Order()];
        double At(double share) => sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];
        return (At(0.5), At(0.99), At(0.999), sorted[^1]);
    }
}
