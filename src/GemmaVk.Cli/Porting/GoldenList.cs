using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Comparing;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using Spectre.Console;

namespace GemmaVk.Cli.Porting;

/// <summary>What there is to hold a port against.</summary>
internal sealed class GoldenList : Verb
{
    private readonly Argument<string?> _set = new("SET") { Description = "One set: its arrays with shapes, tolerances and reasons.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _kit = GoldenKit.Option();
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object, as 'golden export' writes into kit.json." };

    public GoldenList()
        : base("list", "Lists the sets of published results, or the arrays of one.")
    {
        Arguments.Add(_set);
        Options.Add(_kit);
        Options.Add(_json);
    }

    public override string Title => "golden list";

    public override IReadOnlyList<string> Examples { get; } = ["gemmavk golden list", "gemmavk golden list tiny-cases/steps", "gemmavk golden list --json"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        GoldenKit kit = GoldenKit.Find(parsed.GetValue(_kit));
        IReadOnlyList<GoldenSet> sets = parsed.GetValue(_set) is { } name ? [GoldenKit.Named(name)] : GoldenSets.All;
        TextWriter output = surroundings.Terminal.Out;
        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(output, json => Write(json, kit, sets));
        }
        else if (parsed.GetValue(_set) is null)
        {
            All(output, kit);
        }
        else
        {
            One(output, kit, sets[0]);
        }

        return ExitCode.Done;
    }

    /// <summary>Sets with their arrays, as kit.json has them.</summary>
    public static void Write(Utf8JsonWriter json, GoldenKit kit, IReadOnlyList<GoldenSet> sets)
    {
        json.WriteStartObject();
        json.WriteString("schema", "gemmavk-golden-1");
        json.WriteStartArray("sets");
        foreach (GoldenSet set in sets)
        {
            using GoldenArrays golden = kit.Open(set);
            json.WriteStartObject();
            json.WriteString("name", set.Name);
            json.WriteString("what", set.What);
            json.WriteString("units", set.Units);
            json.WriteString("file", set.Arrays ?? set.Texts!.Value.File);
            json.WriteStartArray("arrays");
            foreach (NumberArray array in golden.Arrays.Values)
            {
                json.WriteStartObject();
                json.WriteString("name", array.Name);
                json.WriteString("dtype", array.DType);
                json.WriteStartArray("shape");
                foreach (long extent in array.Extents)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                if (golden.Rules.TryGetValue(array.Name, out ArrayRule? rule))
                {
                    json.WriteNumber("absolute", rule.Tolerance.Absolute);
                    json.WriteString("absolute_in_units_of", rule.Unit.Length > 0 ? rule.Unit : "1");
                    json.WriteNumber("relative", rule.Tolerance.Relative);
                    json.WriteString("compared_as", rule.As.ToString().ToLowerInvariant());
                    json.WriteString("why", rule.Why);
                }
                else
                {
                    json.WriteBoolean("input", true);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("sha256");
            foreach ((string name, string hash) in golden.Hashes)
            {
                json.WriteString(name, hash);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Bounds of a set in words, each once.</summary>
    public static string Tolerances(GoldenArrays golden) => string.Join("; ", golden.Rules.Values.Select(rule => rule.InWords).Concat(golden.Hashes.Count > 0 ? ["0"] : []).Distinct());

    private static void All(TextWriter output, GoldenKit kit)
    {
        Table table = Tables.Of("set", ">results", "what", "units", "tolerance");
        foreach (GoldenSet set in GoldenSets.All)
        {
            using GoldenArrays golden = kit.Open(set);
            table.Row(set.Name, (golden.Rules.Count + golden.Hashes.Count).ToString(CultureInfo.InvariantCulture), set.What, set.Units, Tolerances(golden));
        }

        Tables.Console(output).Write(table);
        output.WriteLine("'gemmavk golden list SET' shows the arrays of one, with the reasons; README.md in the folder shows the way through them.");
        output.WriteLine(VisibleText.Line(kit.Folder));
    }

    private static void One(TextWriter output, GoldenKit kit, GoldenSet set)
    {
        const int Most = 60;
        using GoldenArrays golden = kit.Open(set);
        output.WriteLine($"{set.Name}: {set.What}; {set.Units}");
        Table table = Tables.Of("array", "type and shape", "", "tolerance", "why");
        foreach (NumberArray array in golden.Arrays.Values.Take(Most))
        {
            ArrayRule? rule = golden.Rules.GetValueOrDefault(array.Name);
            table.Row(array.Name, array.Kind, rule is null ? "input" : "result", rule?.InWords ?? "", rule?.Why ?? "");
        }

        foreach (string name in golden.Hashes.Keys.Take(Most))
        {
            table.Row(name, "", "result", "0", "its SHA-256 is in the kit");
        }

        Tables.Console(output).Write(table);
        if (golden.Arrays.Count > Most)
        {
            output.WriteLine($"{Most} of {golden.Arrays.Count} arrays; --json has all.");
        }
    }
}
