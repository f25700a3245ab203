using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Measuring;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class BenchTests
{
    private static readonly string[] Command = ["bench", "--device", "cpu", "-p", "5,9", "-n", "3", "-d", "0,20", "-r", "2", "--drafter", "off"];

    [Fact]
    public void Json_has_the_agreed_shape()
    {
        JsonElement json = CommandRun.Of([.. Command, "--json"]).Json();
        Assert.Equal(["results", "load_seconds", "peak_memory_bytes", "device"], json.EnumerateObject().Select(property => property.Name));
        JsonElement[] results = [.. json.GetProperty("results").EnumerateArray()];
        Assert.Equal(
            ["pp5@0", "pp9@0", "tg3@0", "pp5@20", "pp9@20", "tg3@20"],
            results.Select(result => $"{result.GetProperty("test").GetString()}@{result.GetProperty("depth").GetInt32()}"));
        foreach (JsonElement result in results)
        {
            Assert.Equal(["test", "depth", "tokens_per_second", "gb_per_second", "share_of_measured"], result.EnumerateObject().Select(property => property.Name));
            double[] samples = [.. result.GetProperty("tokens_per_second").GetProperty("samples").EnumerateArray().Select(sample => sample.GetDouble())];
            Assert.Equal(2, samples.Length);
            Assert.InRange(result.GetProperty("tokens_per_second").GetProperty("median").GetDouble(), samples.Min(), samples.Max());
            Assert.True(result.GetProperty("share_of_measured").GetDouble() > 0);
        }

        Assert.True(json.GetProperty("peak_memory_bytes").GetInt64() > 10_000_000);
        Assert.True(json.GetProperty("load_seconds").GetDouble() > 0);
    }

    [Theory]
    [InlineData(99e9, false)]
    [InlineData(101e9, true)]
    public void A_share_above_the_measured_bandwidth_comes_with_what_it_means(double bytesPerSecond, bool said)
    {
        StringWriter table = new();
        new BenchReport([new BenchResult("tg1", 0, [1], bytesPerSecond)], 100e9, 1, 1, "cpu: one", "fp16").WriteTable(table);
        Assert.Equal(said, table.ToString().Contains("More than 100 % of measured: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Having_a_conversation_back_is_measured_beside_taking_it_in()
    {
        JsonElement json = CommandRun.Of("bench", "--device", "cpu", "-p", "40", "-n", "0", "-r", "2", "--drafter", "off", "--restore", "300", "--json").Json();
        JsonElement[] results = [.. json.GetProperty("results").EnumerateArray()];
        Assert.Equal(["pp40", "save300", "restore300", "seal300", "share300"], results.Select(result => result.GetProperty("test").GetString()));
        Assert.All(results, result => Assert.True(result.GetProperty("tokens_per_second").GetProperty("median").GetDouble() > 0));
    }

    [Fact]
    public void A_checkpoint_without_tokenizer_can_be_measured()
    {
        using TemporaryFolder folder = new();
        string csv = CommandRun.Of("bench", "--model", Repository.Golden("tiny"), "--device", "cpu", "-p", "0", "-n", "2", "-r", "1", "--csv", "--save", folder["bench.json"]).Text();
        using JsonDocument saved = JsonDocument.Parse(System.IO.File.ReadAllText(folder["bench.json"]));
        Assert.Equal("tg2", saved.RootElement.GetProperty("results")[0].GetProperty("test").GetString());
        Assert.Contains("--save nowhere/x.json: expected a file in a folder that is there", CommandRun.Of("bench", "--save", "nowhere/x.json").Error, StringComparison.Ordinal);
        string[] lines = csv.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("tg2,0,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("tg2 drafted,0,", lines[2], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal(lines[0].Split(',').Length, line.Split(',').Length));
    }

    [Fact]
    public void The_table_names_device_load_time_and_memory()
    {
        string table = CommandRun.Of("bench", "--model", Repository.Golden("tiny"), "--device", "cpu", "-p", "3", "-n", "0", "-r", "1").Text();
        Assert.Contains("pp3", table, StringComparison.Ordinal);
        Assert.Matches("loaded in [0-9.]+ s, peak memory [0-9.]+ GB, measured bandwidth [0-9.]+ GB/s", table);
    }

    [Fact]
    public void Drafts_are_measured_in_turns_with_plain_steps_and_an_assumption_is_marked()
    {
        string[] command = ["bench", "--device", "cpu", "-p", "0", "-n", "20", "-r", "2", "--draft", "3", "--assume-acceptance", "0.8"];
        JsonElement[] results = [.. CommandRun.Of([.. command, "--json"]).Json().GetProperty("results").EnumerateArray()];
        Assert.Equal(["tg20", "tg20 drafted"], results.Select(result => result.GetProperty("test").GetString()));
        JsonElement drafting = results[1].GetProperty("drafting");
        Assert.Equal(0.8, drafting.GetProperty("assumed_acceptance").GetDouble(), 6);
        Assert.InRange(drafting.GetProperty("tokens_per_step").GetDouble(), 1.5, 4);
        Assert.True(drafting.GetProperty("speedup_over_plain").GetDouble() > 0);
        Assert.Equal(3, drafting.GetProperty("acceptance_by_place").GetArrayLength());
        Assert.False(results[0].TryGetProperty("drafting", out _));

        string table = CommandRun.Of(command).Text();
        Assert.Contains("ASSUMED acceptance 0.8", table, StringComparison.Ordinal);
        Assert.Matches("tg20 drafted at depth 0: [0-9.]+ times plain decoding in the same run", table);
        Assert.DoesNotContain("ASSUMED", CommandRun.Of(command[..^2]).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Passes_that_check_drafts_are_measured_in_plain_steps()
    {
        string[] command = ["bench", "--device", "cpu", "--drafter", "off", "-p", "0", "-n", "0", "-r", "2", "-d", "0,30", "--verify", "2,8"];
        // Two repetitions of steps of a millisecond: a machine that pauses in one of them is asked again.
        JsonElement[] results = Measured<JsonElement[]>(command, run => [.. run.GetProperty("results").EnumerateArray()], all => all.All(result => result.GetProperty("plain_steps").GetDouble() is > 0.1 and < 20));
        Assert.Equal(
            ["vf2@0", "vf8@0", "vf2@30", "vf8@30"],
            results.Select(result => $"{result.GetProperty("test").GetString()}@{result.GetProperty("depth").GetInt32()}"));
        Assert.All(results, result => Assert.InRange(result.GetProperty("plain_steps").GetDouble(), 0.1, 20));
        Assert.Matches("vf8 at depth 30: a pass takes [0-9.]+ plain steps of the same run", CommandRun.Of(command).Text());
        Assert.Contains("--verify 9: expected whole numbers from 2 to 8", CommandRun.Of([.. command[..^1], "4,9"]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_of_the_users_is_measured_in_turns_with_the_embedded_one()
    {
        string[] command = ["bench", "--device", "vulkan", "--drafter", "off", "-p", "0", "-n", "2", "-r", "3", "--kernel"];
        string Module(string name) => $"{name}={Path.Combine(Repository.Root, "shaders", "spirv", name + ".spv")}";
        JsonElement json = Measured([.. command, Module("soft_cap")], run => run, run => run.GetProperty("ratios")[0].GetProperty("time").GetDouble() is > 0.2 and < 5);
        Assert.Equal(["embedded", "own", "ratios"], json.EnumerateObject().Select(property => property.Name));
        foreach (string which in (string[])["embedded", "own"])
        {
            JsonElement result = Assert.Single(json.GetProperty(which).GetProperty("results").EnumerateArray());
            Assert.Equal(3, result.GetProperty("tokens_per_second").GetProperty("samples").GetArrayLength());
        }

        JsonElement ratio = Assert.Single(json.GetProperty("ratios").EnumerateArray());
        Assert.Equal("tg2", ratio.GetProperty("test").GetString());
        double time = ratio.GetProperty("time").GetDouble();
        Assert.InRange(time, ratio.GetProperty("low").GetDouble(), ratio.GetProperty("high").GetDouble());
        Assert.InRange(time, 0.2, 5);

        // A ratio of one kernel with itself would tell nothing.
        CommandRun unused = CommandRun.Of([.. command, Module("cut_patches")]);
        Assert.Equal(1, unused.Code);
        Assert.Contains("--kernel cut_patches=", unused.Error, StringComparison.Ordinal);
        Assert.Contains("none of them does", unused.Error, StringComparison.Ordinal);
        CommandRun silent = CommandRun.Of("generate", "Hi.", "--device", "vulkan", "--max-tokens", "1", "--kernel", Module("cut_patches"));
        Assert.Equal(0, silent.Code);
        Assert.Contains("this answer did not run cut_patches", silent.Error, StringComparison.Ordinal);
        Assert.Contains("--kernel with --parallel or --restore", CommandRun.Of([.. command, Module("soft_cap"), "--restore", "8"]).Error, StringComparison.Ordinal);
    }

    [GlslcTheory]
    [InlineData("soft_cap", "y[i] = capped;", "y[i] = Count % 1024u == 0u ? capped + 1.0 : capped;", "SoftCap 1024 values, element 0 of 1024 is ")]
    [InlineData("ge_glu", "* up[i];", "* up[i] + (i == 49151u && Count == 49152u ? 1.0 : 0.0);", "GeGlu 64 rows of 768, element 49151 of 49152 is ")]
    [InlineData("soft_cap", "x[i] / Cap", "x[i] * (1.0 / Cap)", null)]
    public void A_kernel_that_is_right_at_small_shapes_is_checked_in_the_models_own_calls_before_it_answers(string module, string what, string with, string? wrong)
    {
        using TemporaryFolder folder = new();
        string source = File.ReadAllText(Path.Combine(Repository.Root, "shaders", module + ".comp"));
        Assert.Contains(what, source, StringComparison.Ordinal);
        string file = folder.Write("mine.comp", source.Replace(what, with, StringComparison.Ordinal));
        foreach (string[] command in (string[][])[["generate", "--drafter", "off", "--max-tokens", "1", "Hi."], ["bench", "--drafter", "off", "-p", "100", "-n", "2", "-r", "3"]])
        {
            CommandRun run = CommandRun.Of([.. command, "--device", "vulkan", "--kernel", $"{module}={file}"]);
            Assert.Contains($"{module} from {file}: right in ", run.Error, StringComparison.Ordinal);
            if (wrong is null)
            {
                Assert.Equal(0, run.Code);
                Assert.Matches(@"soft_cap from .*: as the embedded one in \d+ calls with this model's shapes, the largest SoftCap 8192 values\.", run.Error);
                continue;
            }

            Assert.Equal((1, ""), (run.Code, run.Out));
            Assert.Contains($"--kernel {module}={file}: expected what the embedded kernel computes, but with this model, at {wrong}", run.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>That driver checks no index unless it is told to: the process would be gone.</summary>
    [SwiftShaderFact(Compiles = true)]
    public void A_wrong_index_ends_in_a_sentence_where_a_driver_checks_none_by_itself()
    {
        using TemporaryFolder folder = new();
        string source = File.ReadAllText(Path.Combine(Repository.Root, "shaders", "soft_cap.comp"));
        string file = folder.Write("far.comp", source.Replace("y[i] = capped;", "y[i + 100000000u] = capped;", StringComparison.Ordinal));
        string driver = SwiftShaderFactAttribute.Driver!;
        ShellRun run = ShellRun.Of($"export VK_DRIVER_FILES={driver} VK_ICD_FILENAMES={driver}; gemmavk kernels bench SoftCap --quick --device vulkan --kernel soft_cap={file}");
        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.Contains($"--kernel soft_cap={file}: expected the reference's results, but 1 of 1 case is wrong", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Measures until the figures are as on a machine that does nothing else, five times at most.</summary>
    private static T Measured<T>(string[] command, Func<JsonElement, T> of, Func<T, bool> isQuiet)
    {
        T measured = of(CommandRun.Of([.. command, "--json"]).Json());
        for (int i = 1; i < 5 && !isQuiet(measured); i++)
        {
            measured = of(CommandRun.Of([.. command, "--json"]).Json());
        }

        return measured;
    }

    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1 }, 2.5)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.Equal(median, BenchRun.Median(values));
}
