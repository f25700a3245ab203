using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Verifying;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class VerifyTests
{
    [Fact]
    public void The_processor_is_right_in_every_form()
    {
        JsonElement report = CommandRun.Of("verify", "--quick", "--device", "cpu", "--json").Json();
        Assert.Equal("gemmavk-verify-1", report.GetProperty("schema").GetString());
        Assert.True(report.GetProperty("right").GetBoolean() && report.GetProperty("whole").GetBoolean());
        Assert.Equal(typeof(IPass).GetMethods().Length, report.GetProperty("kernels").GetArrayLength());
        Assert.All(report.GetProperty("kernels").EnumerateArray(), kernel =>
        {
            Assert.Equal((0, 0), (kernel.GetProperty("wrong").GetInt32(), kernel.GetProperty("races").GetInt32()));
            Assert.InRange(kernel.GetProperty("worst_share_of_bound").GetDouble(), 0, 1);
        });
        Assert.True(report.GetProperty("pebble").GetProperty("drafted").GetBoolean());
        Assert.Equal(8, report.GetProperty("pebble").GetProperty("answers").GetInt32());
        Assert.Equal("cpu", report.GetProperty("provenance").GetProperty("backend").GetString());
    }

    [Fact]
    public void A_fault_is_named_with_its_kernel_shape_and_form()
    {
        KernelCase each = new("GeGlu", "3 rows of 257", _ => throw new InvalidOperationException());
        CaseVerdict wrong = new(each, ["ge_glu"], new Discrepancy(7, 1e6, "y: at 3 of 9 expected 1, actual 2"), null);
        CaseVerdict race = new(each, ["ge_glu"], Discrepancy.None, "y: byte 8 differs");
        VerifyReport report = Report([wrong, race], new PebbleVerdict(2, 30, true, ["math-0 with drafts: token 1 of 2 is 5, published 6"]));
        Assert.False(report.Holds);
        StringWriter page = new();
        report.WriteMarkdown(page);
        string text = page.ToString();
        Assert.Contains("# gemmavk verify: WRONG: 3 faults", text, StringComparison.Ordinal);
        Assert.Contains("GeGlu 3 rows of 257 (ge_glu; as chosen): y: at 3 of 9 expected 1, actual 2", text, StringComparison.Ordinal);
        Assert.Contains("race: y: byte 8 differs", text, StringComparison.Ordinal);
        Assert.Contains("| GeGlu | ge_glu | 2 | 1e6 | 700 % | 1 | 2 WRONG |", text, StringComparison.Ordinal);
        Assert.Contains("Pebble math-0 with drafts: token 1 of 2", text, StringComparison.Ordinal);
        Assert.InRange(text.Split('\n').Length, 10, 60);
    }

    [Fact]
    public void What_was_not_run_is_no_success_in_silence()
    {
        VerifyReport report = Report([], null);
        Assert.True(report.Holds);
        Assert.False(report.Whole);
        Assert.Contains("the whole model was not run", report.Verdict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mat_vec_q4_dot", "did you mean mat_vec_q4_dot4")]
    [InlineData("nothing_like_it_at_all", "the nearest are mat_")]
    public void An_unknown_module_is_refused_with_the_nearest(string module, string nearest)
    {
        CommandRun run = CommandRun.Of("verify", "--device", "vulkan", "--kernel", $"{module}=my.comp");
        Assert.Equal(1, run.Code);
        Assert.Contains($"there is no {module}", run.Error, StringComparison.Ordinal);
        Assert.Contains(nearest, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rope", "expected MODULE=FILE")]
    [InlineData("rope=", "expected MODULE=FILE")]
    [InlineData("rope=/nowhere/my.comp", "there is no /nowhere/my.comp")]
    public void A_value_that_is_no_pair_or_names_no_file_is_refused(string value, string message)
    {
        CommandRun run = CommandRun.Of("verify", "--device", "vulkan", "--kernel", value);
        Assert.Equal(1, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    private static VerifyReport Report(CaseVerdict[] cases, PebbleVerdict? pebble)
    {
        DeviceDescription device = new("vulkan", "a card", "a driver 1.2", 1, ["Vulkan 1.3"]);
        return new VerifyReport([new FormVerdict("as chosen", device, cases)], [], pebble, "No weights/pebble lies above the program.", new Dictionary<string, string>(), true, 3, 1);
    }
}
