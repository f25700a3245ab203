using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Xml.Linq;
using GemmaVk.Cli.Steps;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class StepTests
{
    [Fact]
    public void A_step_of_a_real_model_is_taken_apart()
    {
        JsonElement report = CommandRun.Of("bench", "--device", "cpu", "--drafter", "off", "--kernels", "-p", "16", "-n", "4", "-d", "40", "-r", "1", "--json").Json();
        JsonElement[] passes = [.. report.GetProperty("passes").EnumerateArray()];
        Assert.Equal(["last pass of a prompt of 16", "step"], passes.Select(pass => pass.GetProperty("pass").GetString()));
        JsonElement[] calls = [.. passes[1].GetProperty("calls").EnumerateArray()];
        Assert.Equal("Embed", calls[0].GetProperty("kernel").GetString());
        Assert.Equal("Sample", calls[^1].GetProperty("kernel").GetString());
        Assert.All(calls, call => Assert.True(call.GetProperty("bytes").GetDouble() > 0 && call.GetProperty("dispatches").GetArrayLength() > 0));
        // Pebble has six layers with two of these each, and shares of the pass and gaps make up the whole.
        Assert.Equal(12, calls.Count(call => call.GetProperty("kernel").GetString() == "AddRmsNorm"));
        double gaps = passes[1].GetProperty("gap_microseconds").GetDouble(), length = passes[1].GetProperty("microseconds").GetDouble();
        Assert.Equal(length, gaps + calls.Sum(call => call.GetProperty("microseconds").GetDouble()), length * 0.01);
    }

    [Fact]
    public void The_page_is_one_file_of_well_formed_pictures()
    {
        string html = StepPage.Html(Report());
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.Contains("a &lt;card&gt;", html, StringComparison.Ordinal);
        string[] pictures = [.. html.Split("<svg").Skip(1).Select(part => "<svg" + part[..(part.IndexOf("</svg>", StringComparison.Ordinal) + 6)])];
        Assert.Equal(2, pictures.Length);
        Assert.Single(XElement.Parse(pictures[0]).Descendants("circle"));
        // A frame, and a bar per dispatch.
        Assert.Equal(1 + 3, XElement.Parse(pictures[1]).Elements("rect").Count());
    }

    [Fact]
    public void Gaps_are_what_lies_between_dispatches()
    {
        StepTrace trace = Report().Passes[0];
        Assert.Equal((2, 3, 10.0), (trace.Calls.Count, trace.Dispatches, trace.Length.TotalMilliseconds));
        Assert.Equal(0.003, trace.GapSeconds, 6);
        Assert.Equal(0.003, trace.Calls[1].Seconds, 6);
        StringWriter table = new();
        Report().WriteTable(table, every: false);
        Assert.Contains("step at depth 8: 10.00 ms, 2 calls, 3 dispatches, gaps 3.00 ms (30.0 %)", table.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--html: expected --kernels with it", "--html", "page.html")]
    [InlineData("--kernels with --parallel", "--kernels", "--parallel", "2")]
    [InlineData("there is no soft_kap; did you mean soft_cap? 'gemmavk kernels list' shows all", "--kernel", "soft_kap=my.comp")]
    [InlineData(", and 'gemmavk kernels list' shows all", "--kernel", "nonsense=my.comp")]
    [InlineData("--csv with --kernel", "--csv", "--device", "vulkan", "--kernel", "soft_cap=")]
    public void What_does_not_go_together_is_refused(string message, params string[] flags)
    {
        if (flags[^1].StartsWith("soft_cap=", StringComparison.Ordinal))
        {
            // SPIR-V needs no compiler.
            flags[^1] = $"soft_cap={Path.Combine(Repository.Root, "shaders", "spirv", "soft_cap.spv")}";
        }

        CommandRun run = CommandRun.Of(["bench", .. flags]);
        Assert.Equal(1, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    private static StepReport Report()
    {
        KernelCall product = new("MatVec", "Q4 64 x 64, T 1", _ => new KernelCost(1e6, 2e6, Arithmetic.Int8)), move = new("PlaceRows", "1 rows", position => new KernelCost(8 * position, 0));
        static TimeSpan Ms(double at) => TimeSpan.FromMilliseconds(at);
        KernelSpan[] spans =
        [
            new(product, "mat_vec_q4", "ab", Ms(1), Ms(5)), new(move, "place_rows", "cd", Ms(6), Ms(8)), new(move, "place_rows", "cd", Ms(9), Ms(10)),
        ];
        return new StepReport(new DeviceDescription("vulkan", "a <card>", "1.2", 1, []), new DevicePeaks(1e9, 1e10, null, 4e10, 1e-6), "fp16", [StepTrace.Of("step", 8, 8, spans)]);
    }
}
