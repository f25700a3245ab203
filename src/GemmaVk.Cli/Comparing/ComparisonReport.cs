using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Tensors;
using Spectre.Console;

namespace GemmaVk.Cli.Comparing;

/// <summary>All arrays of a comparison in the order of computation: the first difference in a sentence, then a table.</summary>
/// <param name="expected">Whose arrays are held to be right.</param>
/// <param name="actual">Whose are looked at.</param>
/// <param name="verdicts">One per array.</param>
/// <param name="missing">Arrays that only the first has.</param>
/// <param name="unknown">Arrays that only the second has.</param>
internal sealed class ComparisonReport(string expected, string actual, IEnumerable<ArrayVerdict> verdicts, IReadOnlyList<string> missing, IReadOnlyList<string> unknown)
{
    private const int LongTable = 300;

    private readonly ArrayVerdict[] _verdicts = [.. verdicts.OrderBy(verdict => verdict.Place)];

    /// <summary>Whether every array that is in both is what it should be.</summary>
    public bool Holds => _verdicts.All(verdict => verdict.Holds);

    /// <summary>The sentence and the table. Of a long one only what differs is shown.</summary>
    public void WriteText(TextWriter output)
    {
        output.WriteLine(VisibleText.Sentence(Sentence()));
        ArrayVerdict[] shown = _verdicts.Length <= LongTable ? _verdicts : [.. _verdicts.Where(verdict => !verdict.Holds).Take(LongTable)];
        if (shown.Length > 0)
        {
            Table table = Tables.Of("array", "step", ">numbers", ">beyond", ">largest error", ">of the tolerance", "tolerance", "verdict");
            foreach (ArrayVerdict verdict in shown)
            {
                table.Row(
                    verdict.Name, verdict.InWords, verdict.Count.ToString("N0", CultureInfo.InvariantCulture), verdict.Beyond.ToString("N0", CultureInfo.InvariantCulture), Short(verdict.MaxError),
                    Short(verdict.Share), verdict.Rule.InWords, verdict.Holds ? "agrees" : verdict.Fault is null ? "differs" : verdict.Fault);
            }

            Tables.Console(output).Write(table);
        }

        if (shown.Length < _verdicts.Length)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_verdicts.Length - shown.Length} of {_verdicts.Length} arrays are not shown; --json has all."));
        }

        foreach ((string tolerance, string why) in _verdicts.Select(verdict => (verdict.Rule.InWords, verdict.Rule.Why)).Distinct())
        {
            output.WriteLine(VisibleText.Line($"Tolerance {tolerance}: {why}."));
        }

        Some(output, missing, $"only in {expected}, and not compared");
        Some(output, unknown, $"only in {actual}, and not compared");
    }

    /// <summary>The same as one object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", "gemmavk-comparison-1");
        json.WriteString("expected", expected);
        json.WriteString("actual", actual);
        json.WriteBoolean("agrees", Holds);
        json.WriteString("sentence", Sentence());
        json.WriteStartArray("arrays");
        foreach (ArrayVerdict verdict in _verdicts)
        {
            json.WriteStartObject();
            json.WriteString("name", verdict.Name);
            json.WriteString("step", verdict.InWords);
            json.WriteNumber("numbers", verdict.Count);
            json.WriteNumber("beyond", verdict.Beyond);
            Number(json, "largest_error", verdict.MaxError);
            Number(json, "share_of_tolerance", verdict.Share);
            json.WriteString("tolerance", verdict.Rule.InWords);
            json.WriteString("why", verdict.Rule.Why);
            json.WriteString("verdict", verdict.Holds ? "agrees" : verdict.Fault is null ? "differs" : "not comparable");
            json.WriteString("first", verdict.First ?? verdict.Fault);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Names(json, "missing", missing);
        Names(json, "unknown", unknown);
        json.WriteEndObject();
    }

    private string Sentence()
    {
        string arrays(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} array{(count == 1 ? "" : "s")}");
        if (Array.FindIndex(_verdicts, verdict => !verdict.Holds) is >= 0 and var at)
        {
            ArrayVerdict first = _verdicts[at];
            string step = first.InWords.Length > 0 ? $"in {first.InWords}: " : "";
            return $"{actual} first differs from {expected} {step}{first.First ?? $"{first.Name}: {first.Fault}"}. {(at == 0 ? "Nothing before it was compared" : at == 1 ? "The array before it agrees" : $"The {at} arrays before it agree")}; "
                + $"{arrays(_verdicts.Count(verdict => !verdict.Holds))} of {_verdicts.Length} {(_verdicts.Count(verdict => !verdict.Holds) == 1 ? "differs" : "differ")}.";
        }

        ArrayVerdict worst = _verdicts.MaxBy(verdict => verdict.Share)!;
        return worst.Share == 0 ? $"{actual} is equal to {expected} in {arrays(_verdicts.Length)}."
            : string.Create(CultureInfo.InvariantCulture, $"{actual} agrees with {expected} in {arrays(_verdicts.Length)}; the largest error is {Short(worst.Share)} of its tolerance, in {worst.Name}.");
    }

    private static void Some(TextWriter output, IReadOnlyList<string> names, string what)
    {
        const int Named = 12;
        if (names.Count > 0)
        {
            output.WriteLine(VisibleText.Sentence($"{names.Count} {what}: {string.Join(", ", names.Take(Named))}{(names.Count > Named ? ", ..." : "")}"));
        }
    }

    private static void Names(Utf8JsonWriter json, string name, IReadOnlyList<string> names)
    {
        json.WriteStartArray(name);
        foreach (string each in names)
        {
            json.WriteStringValue(each);
        }

        json.WriteEndArray();
    }

    /// <summary>JSON has no infinity: null stands for it.</summary>
    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string Short(double value) => double.IsInfinity(value) ? "beyond all" : value.ToString(value is >= 1000 and < 1e9 ? "N0" : "G3", CultureInfo.InvariantCulture);
}
