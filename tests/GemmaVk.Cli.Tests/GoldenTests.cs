using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GemmaVk.Cli.Porting;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The kit for ports: its list, its page, and what <c>golden check</c> says of right and wrong arrays.</summary>
public sealed partial class GoldenTests
{
    private static readonly string Readme = Repository.Golden("README.md");

    [Fact]
    public void The_readme_lists_every_set_with_its_tolerances()
    {
        GoldenKit kit = GoldenKit.Find(null);
        StringBuilder table = new("| Set | Results | What | Units | Tolerance |\n|---|---|---|---|---|\n");
        foreach (GoldenSet set in GoldenSets.All)
        {
            using GoldenArrays golden = kit.Open(set);
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{set.Name}` | {golden.Rules.Count + golden.Hashes.Count} | {set.What} | {set.Units} | {GoldenList.Tolerances(golden).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        string text = File.ReadAllText(Readme).ReplaceLineEndings("\n");
        string wanted = Table().Replace(text, match => $"<!-- sets -->\n{table}<!-- /sets -->");
        if (Environment.GetEnvironmentVariable("GEMMAVK_WRITE") == "1")
        {
            File.WriteAllText(Readme, wanted);
        }

        Assert.Equal(wanted, File.ReadAllText(Readme).ReplaceLineEndings("\n"));
    }

    /// <summary>Whoever follows the page gets arrays that agree, and a mistake is found where it was made.</summary>
    [NumpyFact]
    public void The_page_can_be_followed_in_numpy_and_a_mistake_is_named()
    {
        using TemporaryFolder folder = new();
        Follow(folder.Path, program => program);
        foreach (string name in (string[])["norms", "rope", "int4", "text", "steps"])
        {
            CommandRun run = CommandRun.Of("golden", "check", folder[$"{name}.safetensors"]);
            Assert.True(run.Code == 0, run.Out + run.Error);
            Assert.Contains("agrees with", run.Out, StringComparison.Ordinal);
        }

        Follow(folder.Path, program => program.Replace("(row - column < window)", "(row - column <= window)", StringComparison.Ordinal));
        CommandRun steps = CommandRun.Of("golden", "check", folder["steps.safetensors"]);
        Assert.Equal(1, steps.Code);
        Assert.Contains("first differs from tiny-cases/steps in layer 0 (sliding), step attn_out: 0.attn_out[16, 0]: expected 1.5236708, came", steps.Out, StringComparison.Ordinal);
        Assert.Contains("The 9 arrays before it agree; 30 arrays of 39 differ.", steps.Out, StringComparison.Ordinal);
        CommandRun text = CommandRun.Of("golden", "check", folder["text.safetensors"]);
        Assert.Contains("in what layer 0 (sliding) makes of its input: hidden[1, 16, 0]: expected", text.Out, StringComparison.Ordinal);
    }

    /// <summary>Every set agrees with itself, whatever its form, and with nothing else.</summary>
    [Fact]
    public void Every_set_agrees_with_itself_and_one_changed_number_is_found()
    {
        using TemporaryFolder folder = new();
        GoldenKit kit = GoldenKit.Find(null);
        foreach (GoldenSet set in GoldenSets.All)
        {
            using GoldenArrays golden = kit.Open(set);
            Dictionary<string, (string DType, long[] Extents, byte[] Bytes)> arrays = golden.Arrays.Values.Where(array => golden.Rules.ContainsKey(array.Name))
                .ToDictionary(array => array.Name, array => (array.DType, array.Extents.ToArray(), array.Bytes()));
            Write(folder["own"], arrays);
            CommandRun same = CommandRun.Of("golden", "check", folder["own"], "--json");
            Assert.True(same.Code == 0, $"{set.Name}: {same.Out}{same.Error}");
            Assert.Equal(set.Name, same.Json().GetProperty("expected").GetString());

            string changed = arrays.Keys.Last(name => arrays[name].Bytes.Length > 0);
            // The highest bit of the last number: its sign, or a text's last letter.
            arrays[changed].Bytes[^1] ^= 0x81;
            Write(folder["own"], arrays);
            CommandRun other = CommandRun.Of("golden", "check", folder["own"], "--set", set.Name, "--json");
            Assert.True(other.Code == 1, $"{set.Name}: {changed} was changed, and nobody saw it");
            Assert.Contains(other.JsonOfFailure().GetProperty("arrays").EnumerateArray(), each => each.GetProperty("name").GetString()!.Split('[')[0] == changed && each.GetProperty("verdict").GetString() != "agrees");
        }
    }

    [Fact]
    public void A_trace_of_ours_is_an_answer_and_an_exported_kit_judges_it()
    {
        using TemporaryFolder folder = new();
        string kit = folder["kit"];
        Assert.Equal(0, CommandRun.Of("golden", "export", kit).Code);
        Assert.Contains("expected a new or empty folder", CommandRun.Of("golden", "export", kit).Error, StringComparison.Ordinal);
        JsonElement sets = JsonDocument.Parse(File.ReadAllText(Path.Combine(kit, "kit.json"))).RootElement.GetProperty("sets");
        Assert.Equal(GoldenSets.All.Count, sets.GetArrayLength());
        JsonElement rms = sets.EnumerateArray().Single(set => set.GetProperty("name").GetString() == "ops/norms").GetProperty("arrays").EnumerateArray().Single(array => array.GetProperty("name").GetString() == "rms.y");
        Assert.Equal([7, 3840], rms.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()));
        Assert.Equal(24.0 / (1 << 24), rms.GetProperty("relative").GetDouble());
        Assert.Equal(File.ReadAllBytes(Readme), File.ReadAllBytes(Path.Combine(kit, "README.md")));

        string @case = Path.Combine(kit, "tiny-cases", "steps.safetensors");
        Assert.Equal(0, CommandRun.Of("trace", "--model", Path.Combine(kit, "tiny"), "--case", @case, "--steps", "--out", folder["trace"], "--device", "cpu").Code);
        string text = CommandRun.Of("golden", "check", folder["trace"], "--set", "tiny-cases/steps", "--kit", kit, "--complete").Text();
        Assert.Contains("agrees with tiny-cases/steps in 40 arrays", text, StringComparison.Ordinal);
        Assert.Contains("only in", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_answer_is_refused_in_a_sentence()
    {
        using TemporaryFolder folder = new();
        byte[] good = File.ReadAllBytes(Repository.Golden("tiny-cases", "one_token.safetensors"));
        File.WriteAllBytes(folder["empty"], []);
        File.WriteAllBytes(folder["cut"], good[..(good.Length / 2)]);
        float[] row = new float[96];
        Write(folder["model"], new() { ["hidden"] = ("F32", [2, 3, 8], new byte[192]) });
        Write(folder["names"], new() { ["blk.0.attn"] = ("F32", [96], Bytes(row)) });
        Write(folder["none"], []);
        Write(folder["ids"], new() { ["ids"] = ("I32", [1], [1, 0, 0, 0]), ["final"] = ("F32", [1, 96], Bytes(row)) });
        byte[] nan = Final();
        BitConverter.TryWriteBytes(nan.AsSpan(5 * sizeof(float)), float.NaN);
        Write(folder["nan"], new() { ["final"] = ("F32", [1, 96], nan) });
        Write(folder["whole"], new() { ["final"] = ("I32", [1, 96], new byte[384]) });
        Write(folder["shape"], new() { ["final"] = ("F32", [2, 96], new byte[768]), ["logits"] = ("F32", [1, 512], new byte[2048]) });
        Write(folder["turned"], new() { ["final"] = ("F32", [96, 81], new byte[96 * 81 * 4]) });
        (string File, string Says)[] cases =
        [
            ("empty", "must be at least 8 bytes long, but is empty"),
            ("cut", "a truncated download?"),
            ("model", "expected the shapes of a set, but it has hidden F32 [2, 3, 8]"),
            ("names", "expected arrays under the names of a set, but it has blk.0.attn F32 [96]"),
            ("none", "expected arrays of a port, but it has none"),
            ("nan", "final[0, 5]: expected"),
            ("nan", "came NaN, which is no finite number"),
            ("whole", "final: its type is I32, expected F32"),
            ("shape", "final: its shape is F32 [2, 96], expected F32 [1, 96]"),
            ("turned", "final: its shape is F32 [96, 81], expected F32 [81, 96]"),
            ("ids", "first differs from tiny-cases/one_token in an input: ids[0]"),
        ];
        foreach ((string file, string says) in cases)
        {
            CommandRun run = CommandRun.Of(["golden", "check", folder[file], .. file is "model" or "names" or "none" or "empty" or "cut" ? Array.Empty<string>() : ["--set", file == "turned" ? "tiny-cases/text" : "tiny-cases/one_token"]]);
            Assert.Equal(1, run.Code);
            Assert.Contains(says, run.Out + run.Error, StringComparison.Ordinal);
        }

        Assert.Contains("did you mean tiny-cases/", CommandRun.Of("golden", "list", "tiny-case/steps").Error, StringComparison.Ordinal);
        Assert.Contains("expected a folder that 'gemmavk golden export' wrote", CommandRun.Of("golden", "list", "--kit", folder.Path).Error, StringComparison.Ordinal);
        Assert.Contains("expected list, export or check", CommandRun.Of("golden").Error, StringComparison.Ordinal);
        Assert.Equal(1, CommandRun.Of("golden", "check", Repository.Golden("tiny-cases", "one_token.safetensors"), "--set", "ops/norms").Code);
        // A set in part is an answer, and not a complete one.
        Write(folder["part"], new() { ["final"] = ("F32", [1, 96], Final()) });
        Assert.Equal(0, CommandRun.Of("golden", "check", folder["part"]).Code);
        Assert.Equal(1, CommandRun.Of("golden", "check", folder["part"], "--complete").Code);
    }

    [Fact]
    public void An_export_that_fails_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "x");
        Assert.Contains("but it is a file", CommandRun.Of("golden", "export", folder["file"]).Error, StringComparison.Ordinal);
        Assert.Equal(1, CommandRun.Of("golden", "export", Path.Combine(folder["file"], "below")).Code);
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    private static byte[] Final()
    {
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.Golden("tiny-cases", "one_token.safetensors"));
        return golden.Bytes(golden.Tensors["final"]).ToArray();
    }

    private static void Follow(string folder, Func<string, string> change)
    {
        string program = change(string.Join("\n\n", Python().Matches(File.ReadAllText(Readme).ReplaceLineEndings("\n")).Select(block => block.Groups[1].Value)));
        File.WriteAllText(Path.Combine(folder, "walk.py"), program);
        ProcessStartInfo start = new(NumpyFactAttribute.Python!, ["walk.py", Repository.Golden()]) { WorkingDirectory = folder, RedirectStandardError = true };
        using Process python = Process.Start(start)!;
        string error = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, error);
    }

    private static byte[] Bytes(float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray();

    private static void Write(string path, Dictionary<string, (string DType, long[] Extents, byte[] Bytes)> arrays)
    {
        using SafetensorsWriter file = SafetensorsWriter.Create(path, [.. arrays.Select(each => new SafetensorsEntry(each.Key, each.Value.DType, each.Value.Extents))]);
        foreach ((string name, (_, _, byte[] bytes)) in arrays)
        {
            file.Write(name, 0, bytes);
        }

        file.Commit();
    }

    [GeneratedRegex("<!-- sets -->.*<!-- /sets -->", RegexOptions.Singleline)]
    private static partial Regex Table();

    [GeneratedRegex("^```python\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Python();
}
