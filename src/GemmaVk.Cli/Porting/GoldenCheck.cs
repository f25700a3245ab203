using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Comparing;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Porting;

/// <summary>Arrays of a port beside the published ones.</summary>
internal sealed class GoldenCheck : Verb
{
    private readonly Argument<string> _file = new("FILE") { Description = "Safetensors with some or all of a set's arrays, under their names." };
    private readonly Option<string?> _set = new("--set") { Description = "The set it answers. Default: the one whose names and shapes it has.", HelpName = "SET" };
    private readonly Option<bool> _complete = new("--complete") { Description = "An array of the set that is missing counts as wrong." };
    private readonly Option<string?> _kit = GoldenKit.Option();
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of a sentence and a table." };

    public GoldenCheck()
        : base("check", "Says where a port's arrays first differ from the published ones, by how much of the tolerance, and then shows all. Exit code 1 where any does.")
    {
        Arguments.Add(_file);
        Options.Add(_set);
        Options.Add(_complete);
        Options.Add(_kit);
        Options.Add(_json);
    }

    public override string Title => "golden check";

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk golden check mine.safetensors",
        "gemmavk golden check mine.safetensors --set ops/norms --json",
        "gemmavk golden check trace.safetensors --set tiny-cases/text --complete",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        GoldenKit kit = GoldenKit.Find(parsed.GetValue(_kit));
        string path = parsed.GetValue(_file)!;
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Dictionary<string, NumberArray> given = file.Tensors.Values.ToDictionary(tensor => tensor.Name, tensor => NumberArray.Of(file, tensor));
        GoldenSet set = parsed.GetValue(_set) is { } name ? GoldenKit.Named(name) : SetChoice.Of(kit, path, given);
        using GoldenArrays golden = kit.Open(set);
        string[] outputs = [.. golden.Rules.Keys.Concat(golden.Hashes.Keys)];
        if (!outputs.Any(given.ContainsKey))
        {
            throw new GemmaVkException($"{path}: expected some of {set.Name}'s arrays ({Some(outputs)}), but it has {Some([.. given.Keys])}; name them so, or give another --set.");
        }

        IReadOnlyList<string> kinds = kit.LayerKinds(set);
        ComparisonReport report = new(
            set.Name,
            path,
            Verdicts(golden, given, kinds),
            [.. outputs.Where(each => !given.ContainsKey(each))],
            [.. given.Keys.Where(each => !golden.Arrays.ContainsKey(each) && !golden.Hashes.ContainsKey(each))]);
        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(surroundings.Terminal.Out, report.WriteJson);
        }
        else
        {
            report.WriteText(surroundings.Terminal.Out);
        }

        return report.Holds && !(parsed.GetValue(_complete) && outputs.Any(each => !given.ContainsKey(each))) ? ExitCode.Done : ExitCode.UserError;
    }

    private static IEnumerable<ArrayVerdict> Verdicts(GoldenArrays golden, Dictionary<string, NumberArray> given, IReadOnlyList<string> kinds)
    {
        int order = 0;
        foreach (NumberArray expected in golden.Arrays.Values)
        {
            order++;
            if (!given.TryGetValue(expected.Name, out NumberArray? actual))
            {
                continue;
            }

            bool isInput = !golden.Rules.TryGetValue(expected.Name, out ArrayRule? rule);
            foreach (ArrayVerdict verdict in new ArrayComparison(expected, actual, rule ?? ArrayRule.Exact("it is an input: another one gives other results"), kinds, order).Run())
            {
                yield return isInput ? verdict with { Place = new StepPlace(-1, 0, order), InWords = "an input" } : verdict;
            }
        }

        ArrayRule bytes = ArrayRule.Exact("the kit holds the SHA-256 of the bytes, because no difference is allowed");
        foreach ((string name, string hash) in golden.Hashes.Where(each => given.ContainsKey(each.Key)))
        {
            yield return ArrayComparison.OfHash(given[name], hash, bytes with { As = ComparedAs.Hash }, ++order);
        }
    }

    private static string Some(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names.Take(5)) + (names.Length > 5 ? $" and {names.Length - 5} more" : "");
}
