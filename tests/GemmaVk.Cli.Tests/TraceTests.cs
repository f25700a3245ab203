using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class TraceTests
{
    private const float Tolerance = 1e-3f;

    [Fact]
    public void A_prompt_without_its_flag_is_told_where_it_goes()
    {
        CommandRun run = CommandRun.Of("trace", "What is 2 + 2?", "--device", "cpu");
        Assert.Equal(1, run.Code);
        Assert.Contains("a prompt goes behind --prompt", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_F32_is_held_to_what_F32_can_do()
    {
        using TemporaryFolder folder = new();
        string[] run = ["trace", "--ids", "2,105,7", "--device", "cpu"];
        Assert.Equal(0, CommandRun.Of([.. run, "--out", folder["a.safetensors"]]).Code);
        Assert.Contains("Tolerance 1e-3 of the array's largest value: F32 on both sides", CommandRun.Of([.. run, "--compare", folder["a.safetensors"]]).Out, StringComparison.Ordinal);
        Assert.Contains("Tolerance 2e-2 of the array's largest value", CommandRun.Of([.. run, "--kv", "fp16", "--compare", folder["a.safetensors"]]).Out, StringComparison.Ordinal);
        Assert.Contains("Tolerance 2e-1 of the array's largest value", CommandRun.Of([.. run, "--embedding", "int8", "--compare", folder["a.safetensors"]]).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("one_token")]
    [InlineData("image")]
    [InlineData("mixed")]
    [InlineData("video")]
    public void Traces_equal_the_published_implementation(string name)
    {
        using TemporaryFolder folder = new();
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden("tiny"), "--case", Repository.Golden("tiny-cases", $"{name}.safetensors"), "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.Golden("tiny-cases", $"{name}.safetensors"));
        string[] tensors = ["final", "hidden", "ids", "logits", .. golden.Tensors.ContainsKey("soft") ? ["soft"] : Array.Empty<string>()];
        Assert.Equal(tensors, ours.Tensors.Keys.Order());
        Assert.Equal(golden.Bytes(golden.Tensors["ids"]), ours.Bytes(ours.Tensors["ids"]));
        foreach (string tensor in ours.Tensors.Keys.Where(key => key != "ids"))
        {
            Assert.Equal("F32", ours.Tensors[tensor].DType);
            Assert.Equal(golden.Tensors[tensor].Extents, ours.Tensors[tensor].Extents);
            float[] expected = Values(golden, tensor);
            float[] actual = Values(ours, tensor);
            // Rows of the residual stream grow with depth: compare with their own size.
            float scale = tensor == "logits" ? 1 : Math.Max(1, expected.Max(Math.Abs));
            Assert.True(Distance(expected, actual) < Tolerance * scale, $"{tensor}: {Distance(expected, actual)} of {scale}");
        }
    }

    [Theory]
    [InlineData("w4a16")]
    [InlineData("w8a16")]
    [InlineData("fp8")]
    public void Quantised_checkpoints_are_traced_on_their_own_values(string name)
    {
        using TemporaryFolder folder = new();
        string golden = Repository.Golden("tiny-cases", "quantised.safetensors");
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden($"tiny-{name}-ct"), "--case", golden, "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        using SafetensorsFile theirs = SafetensorsFile.Open(golden);
        Assert.True(Distance(Values(theirs, $"{name}.logits"), Values(ours, "logits")) < Tolerance);
    }

    [Fact]
    public void Steps_have_the_golden_names_and_widths_and_lead_from_layer_to_layer()
    {
        using TemporaryFolder folder = new();
        const string ids = "2,17,300,41,5";
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden("tiny"), "--ids", ids, "--steps", "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.Golden("tiny-cases", "steps.safetensors"));
        foreach (FileTensor tensor in golden.Tensors.Values.Where(tensor => char.IsAsciiDigit(tensor.Name[0])))
        {
            Assert.True(ours.Tensors.TryGetValue(tensor.Name, out FileTensor? mine), $"{tensor.Name} is missing");
            Assert.Equal(5, mine.Extents[0]);
            Assert.Equal(tensor.Extents.Skip(1).Aggregate(1L, (product, extent) => product * extent), mine.Extents[1]);
        }

        float[] hidden = Values(ours, "hidden");
        int layer = hidden.Length / 12;
        for (int i = 0; i < 11; i++)
        {
            Assert.Equal(hidden[((i + 1) * layer)..((i + 2) * layer)], Values(ours, $"{i}.out"));
        }

        float[] sum = [.. hidden.Take(layer).Zip(Values(ours, "0.post_attn_norm"), (x, y) => x + y)];
        Assert.True(Distance(sum, Values(ours, "0.ff_norm_in")) < 1e-5);
    }

    [Fact]
    public void A_prompt_is_written_with_the_chat_template()
    {
        using TemporaryFolder folder = new();
        CommandRun run = CommandRun.Of("trace", "--prompt", "What is 8 + 0?", "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        Assert.Equal([28L, 1024L], ours.Tensors["logits"].Extents);
    }

    [Fact]
    public void Placeholders_without_media_are_refused()
    {
        using TemporaryFolder folder = new();
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden("tiny"), "--ids", "2,5,7,7,6", "--out", folder["out"], "--device", "cpu");
        Assert.Equal(1, run.Code);
        Assert.Contains("expected a picture at row 2, but no further medium was given", run.Error, StringComparison.Ordinal);
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>Devices and precisions beside each other, in one command, with files, and with nothing left behind.</summary>
    [Fact]
    public void Two_runs_are_compared_and_the_first_difference_is_named()
    {
        using TemporaryFolder folder = new();
        string[] tiny = ["trace", "--model", Repository.Golden("tiny"), "--ids", "2,17,300,41,5", "--steps", "--device", "cpu"];
        string same = CommandRun.Of([.. tiny, "--out", folder["a"], "--compare-device", "ilgpu:cpu"]).Text();
        Assert.Contains("this run (", same, StringComparison.Ordinal);
        Assert.Contains(") agrees with the other (", same, StringComparison.Ordinal);
        Assert.Contains("F32 on both sides", same, StringComparison.Ordinal);

        CommandRun coarse = CommandRun.Of([.. tiny, "--out", folder["b"], "--kv", "int8", "--compare-kv", "fp32", "--tolerance", "1e-5"]);
        Assert.Equal(1, coarse.Code);
        // The first step that reads the cache.
        Assert.Contains("in layer 0, step attn_out: 0.attn_out[", coarse.Out, StringComparison.Ordinal);
        Assert.Equal(0, CommandRun.Of([.. tiny, "--kv", "int8", "--compare-kv", "fp32"]).Code);

        JsonElement files = CommandRun.Of("trace", folder["b"], "--compare", folder["a"], "--tolerance", "1e-5", "--json").JsonOfFailure();
        Assert.Equal(folder["a"], files.GetProperty("expected").GetString());
        Assert.Equal("0.attn_out", files.GetProperty("arrays").EnumerateArray().First(array => array.GetProperty("verdict").GetString() != "agrees").GetProperty("name").GetString());
        Assert.Equal(0, CommandRun.Of([.. tiny, "--compare", folder["a"]]).Code);
        Assert.Empty(System.IO.Directory.GetDirectories(System.IO.Path.GetTempPath(), "gemmavk-trace-*"));

        (string Says, string[] Args)[] refused =
        [
            ("expected a trace of the same prompt, but its 'ids' are others", [.. tiny[..4], "2,17", .. tiny[5..], "--compare", folder["a"]]),
            ("expected a trace with arrays that", [.. tiny, "--compare", Repository.Golden("ops", "norms.safetensors")]),
            ("expected a trace of the same", ["trace", "--ids", "2,17,300,41,5", "--device", "cpu", "--compare", folder["a"]]),
            ("expected one of them, a file or a second run", [.. tiny, "--compare", folder["a"], "--compare-kv", "fp16"]),
            ("with --compare OTHER and nothing to run", ["trace", folder["a"]]),
            ("which they are about", [.. tiny, "--out", folder["c"], "--tolerance", "1"]),
            ("--tolerance -1: expected a number of 0 or more", [.. tiny, "--compare", folder["a"], "--tolerance", "-1"]),
            ("is not there", ["trace", folder["none"], "--compare", folder["a"]]),
        ];
        foreach ((string says, string[] args) in refused)
        {
            CommandRun run = CommandRun.Of(args);
            Assert.Equal(1, run.Code);
            Assert.Contains(says, run.Error.Replace("Could not find file", "is not there", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    /// <summary>What is read stays: under its name, through a link, and as another name of the same file.</summary>
    [LinuxFact]
    public void No_output_replaces_what_is_read()
    {
        using TemporaryFolder folder = new();
        foreach (string file in System.IO.Directory.GetFiles(Repository.Golden("tiny")))
        {
            System.IO.File.Copy(file, folder[System.IO.Path.GetFileName(file)]);
        }

        string weights = folder["model.safetensors"];
        System.IO.File.CreateSymbolicLink(folder["link"], weights);
        using TemporaryFolder other = new();
        Assert.Equal(0, ShellRun.Of($"ln '{weights}' '{other["hard"]}'").Code);
        System.IO.File.Copy(Repository.Golden("tiny-cases", "one_token.safetensors"), other["case"]);
        System.IO.File.Copy(Repository.Example("picture-0.png"), other["picture.png"]);
        string[] trace = ["trace", "--model", folder.Path, "--device", "cpu"];
        (string Path, string[] Args)[] all =
        [
            (weights, [.. trace, "--ids", "2", "--out", weights]),
            (weights, [.. trace, "--ids", "2", "--out", folder["link"]]),
            (weights, [.. trace, "--ids", "2", "--out", other["hard"]]),
            (folder["config.json"], [.. trace, "--ids", "2", "--out", folder["config.json"]]),
            (other["case"], [.. trace, "--case", other["case"], "--out", other["case"]]),
            (other["case"], [.. trace, "--ids", "2", "--compare", other["case"], "--out", other["case"]]),
            (other["picture.png"], ["inspect", other["picture.png"], "--out", other["picture.png"]]),
            (weights, ["inspect", "--model", folder.Path, other["picture.png"], "--out", weights]),
        ];
        foreach ((string path, string[] args) in all)
        {
            byte[] before = System.IO.File.ReadAllBytes(path);
            CommandRun run = CommandRun.Of(args);
            Assert.Equal(1, run.Code);
            Assert.Contains("must be another file than those that are read", run.Error, StringComparison.Ordinal);
            Assert.Equal(before, System.IO.File.ReadAllBytes(path));
        }
    }

    private static float[] Values(SafetensorsFile file, string name) => MemoryMarshal.Cast<byte, float>(file.Bytes(file.Tensors[name])).ToArray();

    private static float Distance(IReadOnlyList<float> a, IReadOnlyList<float> b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
