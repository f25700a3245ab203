using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Comparing;
using GemmaVk.Cli.Help;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Porting;

/// <summary>The folder with the published results: tests/golden of a clone, or what <c>golden export</c> wrote.</summary>
internal sealed class GoldenKit
{
    private const string Mark = "tiny-cases/cases.json";

    private GoldenKit(string folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary><c>--kit DIR</c>.</summary>
    public static Option<string?> Option() => new("--kit") { Description = "Folder of the published results. Default: tests/golden of the clone that the program was built in.", HelpName = "DIR" };

    /// <summary>Finds it.</summary>
    /// <param name="given">What --kit gave, or null.</param>
    /// <exception cref="GemmaVkException">It is not there.</exception>
    public static GoldenKit Find(string? given)
    {
        if (given is not null)
        {
            return File.Exists(Path.Combine(given, Mark)) ? new GoldenKit(given)
                : throw new GemmaVkException($"--kit {given}: expected a folder that 'gemmavk golden export' wrote, or tests/golden of a clone, but it has no {Mark}; give another.");
        }

        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string golden = Path.Combine(folder, "tests", "golden");
            if (File.Exists(Path.Combine(golden, Mark)))
            {
                return new GoldenKit(golden);
            }
        }

        throw new GemmaVkException(
            "golden: expected the published results, but an installed program does not carry their 30 MB: clone GemmaVk's repository, where they are tests/golden, and run tools/gemmavk there, or give --kit the folder of one that was exported.");
    }

    /// <summary>A set by its name.</summary>
    /// <exception cref="GemmaVkException">There is none.</exception>
    public static GoldenSet Named(string name) => GoldenSets.All.FirstOrDefault(set => set.Name == name)
        ?? throw new GemmaVkException($"golden: expected a set, but there is no {name}; {Names.Nearest(name, GoldenSets.All.Select(set => set.Name), "'gemmavk golden list'")}.");

    /// <summary>A file of the kit.</summary>
    public string PathOf(string file) => Path.Combine([Folder, .. file.Split('/')]);

    /// <summary>Opens a set.</summary>
    /// <exception cref="GemmaVkException">Its file is not there or damaged.</exception>
    public GoldenArrays Open(GoldenSet set)
    {
        SafetensorsFile? file = set.Arrays is null ? null : SafetensorsFile.Open(PathOf(set.Arrays));
        List<NumberArray> arrays = [.. file?.Tensors.Values.Select(tensor => NumberArray.Of(file, tensor)) ?? []];
        if (set.Texts is { } texts)
        {
            arrays.AddRange(Parse(texts.File, texts.Read));
        }

        Dictionary<string, string> hashes = [];
        if (set.Hashes is { } path)
        {
            HashSet<string> here = [.. arrays.Select(array => array.Name)];
            hashes = Parse(path, root => root.EnumerateObject().Select(each => (each.Name, each.Value.GetString()!)))
                .Where(each => set.Hashed(each.Name) && !here.Contains(each.Name)).ToDictionary(each => each.Name, each => each.Item2);
        }

        Dictionary<string, NumberArray> named = arrays.OrderBy(array => StepPlace.Of(array.Name, 0, 0)).ThenBy(array => array.Name, Comparer<string>.Create(CompareOrdered)).ToDictionary(array => array.Name);
        return new GoldenArrays(set, named, hashes, Rules(set, named), file);
    }

    /// <summary>What the layers of the tiny model are, for sentences.</summary>
    public IReadOnlyList<string> LayerKinds(GoldenSet set) => !set.OfTiny ? []
        : [.. Parse("tiny/config.json", root => root.GetProperty("text_config").GetProperty("layer_types").EnumerateArray().Select(kind => kind.GetString()!.Replace("_attention", "", StringComparison.Ordinal)))];

    /// <summary>Rules of the arrays that are no inputs. Distributions have some that only their JSON tells.</summary>
    private Dictionary<string, ArrayRule> Rules(GoldenSet set, Dictionary<string, NumberArray> arrays)
    {
        Dictionary<string, ArrayRule> rules = arrays.Keys.Select(name => (name, Rule: set.Rule(name, arrays))).Where(each => each.Rule is not null).ToDictionary(each => each.name, each => each.Rule!);
        if (set.Name != "sampling/sampling")
        {
            return rules;
        }

        foreach ((string probs, string row, bool straddles) in Parse("sampling/sampling.json", root => root.GetProperty("cases").EnumerateArray()
            .Select(each => (each.GetProperty("probs").GetString(), each.GetProperty("row").GetString()!, each.TryGetProperty("equal_values_straddle_the_cut", out JsonElement straddles) && straddles.GetBoolean()))
            .Where(each => each.Item1 is not null).Select(each => (each.Item1!, each.Item2, each.Item3))))
        {
            ArrayRule rule = row == "large-negative"
                ? ArrayRule.Within(Kernels.Checks.Tolerances.Probability(row), "F32 logits near -5000 have a resolution of 5e-4")
                : rules[probs];
            rules[probs] = straddles ? rule with { As = ComparedAs.Sorted, Why = "top-p keeps some of several equal logits, and nobody says which: sorted values are compared" } : rule;
        }

        return rules;
    }

    private List<T> Parse<T>(string file, Func<JsonElement, IEnumerable<T>> read)
    {
        string path = PathOf(file);
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. read(json.RootElement)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new GemmaVkException($"{path} must be a file of the kit as it was published, but: {Complaint.Of(error)} Export the kit again.", error);
        }
    }

    /// <summary>Names with numbers in the order of the numbers.</summary>
    private static int CompareOrdered(string? a, string? b)
    {
        string[] first = a!.Split('.'), second = b!.Split('.');
        for (int i = 0; i < Math.Min(first.Length, second.Length); i++)
        {
            int order = int.TryParse(first[i], out int x) && int.TryParse(second[i], out int y) ? x.CompareTo(y) : string.CompareOrdinal(first[i], second[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return first.Length - second.Length;
    }
}
