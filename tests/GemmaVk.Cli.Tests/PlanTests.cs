using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class PlanTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void Json_has_the_agreed_shape_and_adds_up(string device)
    {
        JsonElement json = CommandRun.Of("plan", "--device", device, "--budget", "2GiB", "--json").Json();
        Assert.Equal(
            ["total_bytes", "budget_bytes", "fits", "context", "sessions", "prefix_bytes", "max_context", "device", "device_total_bytes", "device_available_bytes", "items", "choices", "recommended"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(json.GetProperty("total_bytes").GetInt64(), json.GetProperty("items").EnumerateArray().Sum(item => item.GetProperty("bytes").GetInt64()));
        Assert.Equal(2L << 30, json.GetProperty("budget_bytes").GetInt64());
        Assert.True(json.GetProperty("fits").GetBoolean());
        Assert.Equal((4096, 4096), (json.GetProperty("context").GetInt32(), json.GetProperty("max_context").GetInt32()));
        Assert.Equal("", json.GetProperty("recommended").GetString());
        Assert.Contains(json.GetProperty("items").EnumerateArray(), item => item.GetProperty("name").GetString() == "full-layer KV");
    }

    [Fact]
    public void What_does_not_fit_has_exit_code_1_and_says_what_would()
    {
        string budget = $"{Total() - (3 << 20)}";
        string[] command = ["plan", "--device", "cpu", "--budget", budget, "--context", "4096", "--drafter", "off", "--image-tokens", "0"];
        CommandRun run = CommandRun.Of(command);
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.Contains("It does not fit: ", run.Out, StringComparison.Ordinal);
        Assert.Contains("Recommended: --weights int4, with up to 4,096 positions.", run.Out, StringComparison.Ordinal);
        CommandRun json = CommandRun.Of([.. command, "--json"]);
        Assert.Equal(1, json.Code);
        JsonElement plan = JsonDocument.Parse(json.Out).RootElement;
        Assert.False(plan.GetProperty("fits").GetBoolean());
        Assert.InRange(plan.GetProperty("max_context").GetInt32(), 1, 4095);
        Assert.Equal("--weights int4", plan.GetProperty("recommended").GetString());
    }

    [Fact]
    public void The_items_fit_a_terminal_and_the_budget_says_where_it_comes_from()
    {
        string text = CommandRun.Of("plan", "--device", "cpu").Text();
        string[] items = text[text.IndexOf("  item", StringComparison.Ordinal)..text.IndexOf("The budget is what is available now of ", StringComparison.Ordinal)].Split('\n');
        Assert.True(items.Length > 10, text);
        Assert.All(items, line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("budget (--budget)", CommandRun.Of("plan", "--device", "cpu", "--budget", "2GiB").Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_drafter_beside_the_model_is_counted()
    {
        Assert.Contains("drafter weights", CommandRun.Of("plan", "--device", "cpu").Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("drafter weights", CommandRun.Of("plan", "--device", "cpu", "--drafter", "off").Text(), StringComparison.Ordinal);
        CommandRun wrong = CommandRun.Of("plan", "--device", "cpu", "--model", Repository.Golden("tiny"), "--drafter", Repository.Pebble + "-assistant");
        Assert.Equal(1, wrong.Code);
        Assert.Contains("use the assistant that was published with the target", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_config_json_alone_is_planned_as_released()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(Repository.Golden("tiny-w4a16-ct"), "config.json"), folder["config.json"]);
        JsonElement assumed = CommandRun.Of("plan", "--model", folder[""], "--device", "cpu", "--json").Json();
        JsonElement real = CommandRun.Of("plan", "--model", Repository.Golden("tiny-w4a16-ct"), "--device", "cpu", "--json").Json();
        Assert.Equal(real.GetProperty("total_bytes").GetInt64(), assumed.GetProperty("total_bytes").GetInt64());
        Assert.Contains("no weights here yet", CommandRun.Of("plan", "--model", folder[""], "--device", "cpu").Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("generate", "hi")]
    [InlineData("chat")]
    [InlineData("bench", "-n", "1", "-p", "0")]
    public void Nothing_is_loaded_that_does_not_fit(params string[] command)
    {
        CommandRun run = CommandRun.WithInput("", [.. command, "--device", "cpu", "--budget", "20MB"]);
        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.Contains("but there are 19.1 MiB (--budget); no choice of formats fits", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_context_that_does_not_fit_is_never_made_shorter_in_silence()
    {
        CommandRun run = CommandRun.Of(
            "generate", "hi", "--device", "cpu", "--drafter", "off", "--budget", $"{Total() - (1 << 20)}", "--context", "4096");
        Assert.Equal(1, run.Code);
        Assert.Contains("--context 4096 needs ", run.Error, StringComparison.Ordinal);
        Assert.Matches("--context [0-9]+ fits as it is, and --kv int8 holds 4096 positions", run.Error);
    }

    [Fact]
    public void Memory_that_others_took_is_noticed_before_loading()
    {
        // The budget was planned for; at the moment of loading the device has less.
        CommandRun run = CommandRun.Of("generate", "hi", "--device", "cpu", "--budget", "1GiB", "--device-memory", "60MiB");
        Assert.Equal(1, run.Code);
        Assert.Contains("but there are 60.0 MiB (available now of 60.0 MiB on ", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Bytes of Pebble for text, with all its positions and no drafter: they depend on the machine's threads.</summary>
    private static long Total() => CommandRun.Of("plan", "--device", "cpu", "--drafter", "off", "--image-tokens", "0", "--json").Json().GetProperty("total_bytes").GetInt64();

    [Theory]
    [InlineData("16GiB", 17179869184)]
    [InlineData("7.5GiB", 8053063680)]
    [InlineData("12GB", 12000000000)]
    [InlineData("800MiB", 838860800)]
    [InlineData("800 mib", 838860800)]
    [InlineData("8589934592", 8589934592)]
    [InlineData("99999999B", 99999999)]
    public void Sizes_are_read_in_every_unit(string text, long bytes)
    {
        CommandRun run = CommandRun.Of("plan", "--device", "cpu", "--budget", text, "--json");
        Assert.Equal("", run.Error);
        Assert.Equal(bytes, JsonDocument.Parse(run.Out).RootElement.GetProperty("budget_bytes").GetInt64());
    }
}
