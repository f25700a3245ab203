using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Cli.Instruments;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class KernelsTests
{
    [Fact]
    public void The_list_has_every_module_once_beside_its_kernel()
    {
        string list = CommandRun.Of("kernels", "list").Text();
        string[] words = [.. list.Split((char[])[' ', '\n'], System.StringSplitOptions.RemoveEmptyEntries)];
        Assert.All(BackendFactory.Modules, module => Assert.Single(words, word => word == module));
        Assert.All(typeof(IPass).GetMethods(), kernel => Assert.Contains(kernel.Name, words));
        CommandRun nonsense = CommandRun.Of("verify", "--kernel", "nonsense=x.comp");
        Assert.InRange(nonsense.Error.Length, 50, 250);
    }

    [Fact]
    public void A_measurement_has_figures_limits_and_where_they_come_from()
    {
        using TemporaryFolder folder = new();
        CommandRun run = CommandRun.Of("kernels", "bench", "RmsNorm", "Sample", "--quick", "--device", "cpu", "-r", "3", "--json", "--save", folder["kernels.json"]);
        JsonElement report = run.Json();
        Assert.Equal(run.Out.ReplaceLineEndings("\n"), System.IO.File.ReadAllText(folder["kernels.json"]));
        Assert.Equal(KernelsReport.Schema, report.GetProperty("schema").GetString());
        Assert.True(report.GetProperty("peaks").GetProperty("gb_per_second").GetDouble() > 0.1);
        Assert.True(report.GetProperty("peaks").GetProperty("f32_gflop_per_second").GetDouble() > 0.5);
        Assert.True(report.GetProperty("peaks").GetProperty("int8_gop_per_second").GetDouble() > 0.5);
        JsonElement[] results = [.. report.GetProperty("results").EnumerateArray()];
        Assert.Equal(["RmsNorm", "Sample"], results.Select(result => result.GetProperty("kernel").GetString()).Distinct());
        Assert.All(results, result =>
        {
            Assert.Equal(3, result.GetProperty("samples").GetArrayLength());
            Assert.Equal(
                result.GetProperty("bytes").GetDouble() / result.GetProperty("seconds").GetDouble() / 1e9, result.GetProperty("gb_per_second").GetDouble(), 2);
            Assert.Contains(result.GetProperty("limit").GetString(), (string[])["memory", "cache", "f32", "int8", "dispatch"]);
        });
        Assert.Equal(1 * 3840 * 8 + (3840 * 4), results[0].GetProperty("bytes").GetDouble());
    }

    [Theory]
    [InlineData("MatVek", "did you mean MatVec")]
    [InlineData("Attention", "AttentionDecode")]
    [InlineData("Zzzzzzzzzzzzz", "the nearest are ")]
    public void A_kernel_that_does_not_exist_is_refused_with_the_nearest(string name, string nearest)
    {
        CommandRun run = CommandRun.Of("kernels", "bench", name);
        Assert.Equal(1, run.Code);
        Assert.Contains($"there is no {name}", run.Error, StringComparison.Ordinal);
        Assert.Contains(nearest, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_without_shapes_is_refused()
    {
        CommandRun run = CommandRun.Of("kernels", "bench", "Sample", "--rows", "512");
        Assert.Equal(1, run.Code);
        Assert.Contains("leave none", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, CommandRun.Of("kernels").Code);
    }

    [Theory]
    [InlineData("--rows 1,3: expected some of 1, 2, 4, 8, 128, 280, 512, but 3 came", "kernels", "bench", "GeGlu", "--rows", "1,3")]
    [InlineData("-d 5: expected some of 0, 4096, 32768, 131072, but 5 came", "kernels", "bench", "AttentionDecode", "-d", "5")]
    [InlineData("-r 100001: expected a whole number from 3 to 100000", "kernels", "bench", "-r", "100001")]
    [InlineData("kernels: 'bencj' is no command of it: did you mean bench?", "kernels", "bencj")]
    [InlineData("golden: 'zzzzzzzz' is no command of it: expected list, export or check", "golden", "zzzzzzzz")]
    public void What_a_laboratory_does_not_have_is_said(string sentence, params string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Equal(1, run.Code);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_without_an_end_are_no_measurements_and_no_shaders()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using TemporaryFolder folder = new();
        Assert.Contains("but there are more", CommandRun.Of("kernels", "compare", "/dev/zero", "/dev/zero").Error, StringComparison.Ordinal);
        Assert.Contains("but it is empty", CommandRun.Of("kernels", "compare", "/dev/null", "/dev/null").Error, StringComparison.Ordinal);
        File.CreateSymbolicLink(folder["endless.spv"], "/dev/zero");
        Assert.Contains("is a pipe or a device", CommandRun.Of("verify", "--kernel", $"ge_glu={folder["endless.spv"]}").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_refused_before_anything_is_measured()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Nobody makes files there, not even root.
        foreach (string[] args in (string[][])[["kernels", "bench", "--save", "/proc/1/x"], ["bench", "--save", "/proc/1/x"], ["bench", "--kernels", "--html", "/proc/1/x"], ["generate", "--session", "/proc/1/x", "hi"]])
        {
            CommandRun run = CommandRun.Of(args);
            Assert.Equal(1, run.Code);
            Assert.Contains("/proc/1/x must be a file that can be written, but its folder takes no files", run.Error, StringComparison.Ordinal);
            Assert.Empty(run.Out);
        }
    }

    [Fact]
    public void Results_at_the_shapes_of_the_12B_are_compared_after_as_many_calls()
    {
        using IBackend backend = BackendFactory.Create("cpu", NullLogger.Instance, timing: true).Backend;
        BenchShape shape = BenchShapes.All().First(each => each is { Kernel: "AddRmsNorm", Rows: 1 });
        using KernelRun one = new(shape, backend), two = new(shape, backend);
        Assert.Null(one.Difference(two));
        using OperandBuffers embedded = new(backend), own = new(backend);
        embedded.Floats(1, 2);
        own.Floats(1, 2);
        Assert.Null(ResultComparison.Of(embedded, own));
        embedded.Ints(5, 6);
        own.Ints(5, 7);
        Assert.Equal("element 1 of 2 is 7 in place of 6", ResultComparison.Of(embedded, own));
    }

    [Fact]
    public void Sums_in_another_order_are_no_difference_and_what_is_no_number_is_one()
    {
        float[] embedded = [1, -100, 0.5f, float.NaN];
        Assert.Null(ResultComparison.Of(embedded.AsSpan(), (float[])[1.0001f, -100.5f, 0.501f, 7]));
        Assert.Equal("element 2 of 4 is 7 in place of 0.5", ResultComparison.Of(embedded.AsSpan(), (float[])[1, -100, 7, float.NaN]));
        Assert.Equal("element 0 of 4 is NaN in place of 1", ResultComparison.Of(embedded.AsSpan(), (float[])[float.NaN, -100, 0.5f, float.NaN]));
    }

    [Fact]
    public void Every_kernel_has_shapes_and_some_quick_ones()
    {
        string[] kernels = [.. typeof(GemmaVk.Kernels.IPass).GetMethods().Select(method => method.Name)];
        Assert.Equal(kernels.Order(), BenchShapes.All().Select(shape => shape.Kernel).Distinct().Order());
        Assert.Equal(kernels.Order(), BenchShapes.All().Where(shape => shape.Quick).Select(shape => shape.Kernel).Distinct().Order());
        Assert.Contains(BenchShapes.All(), shape => shape is { Kernel: "AttentionDecode", Depth: 131072, Rows: 8 });
        // What --rows and -d take is what there is.
        Assert.Equal(BenchShapes.All().Select(shape => shape.Rows).Distinct().Order(), KernelsBench.RowCounts);
        Assert.Equal(BenchShapes.All().Select(shape => shape.Depth).Distinct().Order(), KernelsBench.Depths);
    }

    [Fact]
    public void Two_measurements_are_compared()
    {
        using TemporaryFolder folder = new();
        string before = Save(folder, "before.json", [1.00, 1.01, 1.02, 0.99, 1.00]), after = Save(folder, "after.json", [0.50, 0.51, 0.50, 0.49, 0.50]);
        JsonElement result = CommandRun.Of("kernels", "compare", before, after, "--json").Json().GetProperty("results")[0];
        Assert.Equal(0.5, result.GetProperty("ratio").GetDouble(), 3);
        Assert.InRange(result.GetProperty("high").GetDouble(), 0.5, 0.55);
        Assert.Equal("faster", result.GetProperty("verdict").GetString());
        Assert.Contains("0 faster, 1 slower", CommandRun.Of("kernels", "compare", after, before).Text(), StringComparison.Ordinal);
        Assert.Contains("0 faster, 0 slower, 1 without difference", CommandRun.Of("kernels", "compare", before, before).Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"a card\"", "\"another card\"", "expected one device")]
    [InlineData("\"bytes\": 100", "\"bytes\": 200", "the same bytes and operations")]
    [InlineData("\"depth\": 0", "\"depth\": 7", "expected some shape in both")]
    [InlineData("gemmavk-kernels-1", "gemmavk-kernels-9", "its schema is gemmavk-kernels-9")]
    [InlineData("\"samples\"", "\"simples\"", "expected what 'gemmavk kernels bench --json' writes")]
    [InlineData("[1, 1, 1]", "[1, -1, 1]", "times above zero")]
    [InlineData("[1, 1, 1]", "[1, 1", "cut short")]
    public void What_is_not_comparable_is_refused_saying_which(string what, string with, string message)
    {
        using TemporaryFolder folder = new();
        string before = Save(folder, "before.json", [1, 1, 1]), after = folder["after.json"];
        string text = File.ReadAllText(before);
        Assert.Contains(what, text, StringComparison.Ordinal);
        File.WriteAllText(after, text.Replace(what, with, StringComparison.Ordinal));
        CommandRun run = CommandRun.Of("kernels", "compare", before, after);
        Assert.Equal(1, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Contains("after.json", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_any_bytes_is_read_or_refused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Text([1, 2, 3]));
        Random random = new(7);
        int read = 0;
        for (int i = 0; i < 3000; i++)
        {
            Damage[] damages = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new Damage((DamageKind)random.Next(6), random.Next(whole.Length), random.Next(256)))];
            byte[] damaged = Mutation.Apply(whole, damages);
            try
            {
                KernelsFile.Parse(damaged, "damaged.json");
                read++;
            }
            catch (GemmaVkException error)
            {
                Assert.StartsWith("damaged.json: expected", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(read, 1, 2900);
    }

    [Fact]
    public void Pairs_that_are_disturbed_together_still_agree()
    {
        double[] before = [1, 5, 1, 9, 1, 3, 1, 7, 2], after = [.. before.Select((time, i) => time * (0.8 + (0.001 * i)))];
        Assert.Equal("faster", KernelRatio.OfPairs(before, after).Verdict);
        Assert.Equal("no difference", KernelRatio.Of(before, after).Verdict);
    }

    [Fact]
    public void The_limit_that_binds_is_the_one_that_takes_longest()
    {
        DevicePeaks peaks = new(100e9, 1e12, null, 4e12, 5e-6);
        Assert.Equal((Limit.Memory, 0.5), peaks.Binding(new KernelCost(1e9, 1e9), 0.02));
        Assert.Equal((Limit.Arithmetic, 0.25), peaks.Binding(new KernelCost(1e6, 1e12, Arithmetic.Int8), 1));
        Assert.Equal(Limit.Dispatch, peaks.Binding(new KernelCost(4, 4), 10e-6).Limit);
        Assert.Equal(1, peaks.Binding(new KernelCost(4, 4), 10e-6, dispatches: 2).Share, 6);
        Assert.Equal(Limit.Cache, peaks.Binding(new KernelCost(1e9, 1), 0.005).Limit);
        // On matrix units what counts is what they multiply: INT8 rows may be halves there.
        KernelCost bytes = new(1, 1, Arithmetic.Int8);
        Assert.Equal(
            [Arithmetic.MatrixInt8, Arithmetic.MatrixF16, Arithmetic.MatrixF16, Arithmetic.Int8],
            ((string[])["mat_mul_q4_matrix_i8", "mat_mul_q4_matrix_f16_i8", "mat_mul_bf16_matrix_f16", "mat_mul_q4_tile_i8"]).Select(module => bytes.On([module]).Arithmetic));
    }

    private static string Save(TemporaryFolder folder, string name, IReadOnlyList<double> samples) => folder.Write(name, Text(samples));

    private static string Text(IReadOnlyList<double> samples) => $$"""
        {"schema": "gemmavk-kernels-1", "provenance": {"backend": "vulkan", "device": "a card", "driver": "1.2"},
         "results": [{"kernel": "MatVec", "shape": "Q4 64 x 64", "depth": 0, "bytes": 100, "operations": 5, "samples": [{{string.Join(", ", samples)}}]}]}
        """;
}
