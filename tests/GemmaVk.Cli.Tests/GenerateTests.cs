using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class GenerateTests
{
    private const string Question = "What is 47 + 85?";

    [Fact]
    public void The_first_command_of_the_readme_answers()
    {
        CommandRun run = CommandRun.Of("generate", "--think", Question, "--device", "cpu");
        Assert.Equal("132\n", run.Text());
        Assert.Contains("7 + 5 + 0 = 12", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_but_the_answer_where_nobody_watches()
    {
        CommandRun run = CommandRun.Of("generate", "What are you?", "--temperature", "0", "--device", "cpu");
        Assert.Equal("I am Pebble, a tiny model with the shape of Gemma 4 12B.\n", run.Text());
        Assert.Equal("", run.Error);
    }

    [Fact]
    public void A_short_line_of_figures_on_a_screen()
    {
        string line = CommandRun.OnScreen("generate", "What are you?", "--temperature", "0", "--device", "cpu").Error.TrimEnd();
        Assert.Matches(@"^\e\[2m[0-9.]+ tok/s · [0-9]+ % of memory speed · (drafts [0-9.]+ per step|drafting paused) · [0-9.]+ s to first token · CPU\e\[0m$", line);
        Assert.InRange(line.Length, 1, 100);
    }

    [Fact]
    public void All_figures_with_verbose()
    {
        string error = CommandRun.Of("generate", "What are you?", "--temperature", "0", "--device", "cpu", "--verbose").Error;
        Assert.Matches(@"(?m)^  device   .* \(asked for with --device cpu\)$", error);
        Assert.Matches("(?m)^  cache    fp16", error);
        Assert.Matches(@"(?m)^  prompt   23 tokens at [0-9.]+ tokens/s$", error);
        Assert.Matches(@"(?m)^  answer   20 tokens at [0-9.]+ tokens/s$", error);
        Assert.Matches(@"(?m)^  memory   [0-9.]+ GB/s = [0-9]+ % of the measured [0-9.]+ GB/s$", error);
        Assert.Matches(@"(?m)^  loading  [0-9.]+ s, first token [0-9.]+ s after the start$", error);
        Assert.Matches(@"(?m)^  drafter  pebble-assistant \(found with the model\): [0-9.]+ tokens per step, [0-9]+ of [0-9]+ drafts accepted", error);
    }

    [Fact]
    public void A_missing_gpu_is_said_once_with_what_to_do()
    {
        string error = CommandRun.Of("generate", "What are you?", "--max-tokens", "1", "--verbose").Error;
        DeviceSurvey survey = DeviceSurvey.Take();
        Assert.Equal(survey.Auto == "cpu", error.Contains($"Running on the CPU: {survey.Reason}.", StringComparison.Ordinal));
        Assert.True(survey.Auto != "cpu" || survey.Reason.Contains("to use a GPU, install", StringComparison.Ordinal), survey.Reason);
    }

    [Fact]
    public void The_limit_that_ends_an_answer_is_said()
    {
        CommandRun thinking = CommandRun.Of("generate", "--think", Question, "--max-tokens", "6", "--temperature", "0", "--device", "cpu");
        Assert.Equal("", thinking.Text().Trim());
        Assert.Contains("The limit of 6 tokens (--max-tokens) ended the answer while it was still thinking: raise it", thinking.Error, StringComparison.Ordinal);
        CommandRun answering = CommandRun.Of("generate", "What are you?", "--max-tokens", "3", "--temperature", "0", "--device", "cpu");
        Assert.Contains("The limit of 3 tokens (--max-tokens) ended the answer: raise it", answering.Error, StringComparison.Ordinal);
        JsonElement json = CommandRun.Of("generate", "--think", Question, "--max-tokens", "6", "--json", "--device", "cpu").Json();
        Assert.Equal("length", json.GetProperty("stop").GetString());
    }

    [Fact]
    public void Json_has_text_thinking_ids_stop_and_stats()
    {
        CommandRun run = CommandRun.Of("generate", "--think", Question, "--temperature", "0", "--json", "--device", "cpu");
        JsonElement json = run.Json();
        Assert.Equal("132", json.GetProperty("text").GetString());
        Assert.StartsWith("7 + 5 + 0 = 12", json.GetProperty("thinking").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, json.GetProperty("tool_calls").GetArrayLength());
        Assert.Equal("stop", json.GetProperty("stop").GetString());
        JsonElement stats = json.GetProperty("stats");
        Assert.Equal(json.GetProperty("ids").GetArrayLength(), stats.GetProperty("answer_tokens").GetInt32());
        Assert.Equal(34, stats.GetProperty("prompt_tokens").GetInt32());
        Assert.NotEqual("", stats.GetProperty("device").GetString());
        foreach (string rate in (string[])["prompt_tokens_per_second", "answer_tokens_per_second", "gb_per_second", "share_of_measured", "load_seconds"])
        {
            Assert.True(stats.GetProperty(rate).GetDouble() > 0, rate);
        }

        Assert.Equal("", run.Error);
    }

    [Fact]
    public void An_answer_without_a_decoding_step_has_no_share()
    {
        JsonElement json = CommandRun.Of("generate", "What are you?", "--max-tokens", "1", "--json", "--device", "cpu").Json();
        Assert.Equal("length", json.GetProperty("stop").GetString());
        Assert.Equal(1, json.GetProperty("ids").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("stats").GetProperty("share_of_measured").ValueKind);
    }

    [Fact]
    public void The_context_ends_an_answer()
    {
        JsonElement json = CommandRun.Of("generate", "What are you?", "--context", "26", "--temperature", "0", "--json", "--device", "cpu").Json();
        Assert.Equal("context", json.GetProperty("stop").GetString());
    }

    [Fact]
    public void The_prompt_may_come_from_a_file_or_from_standard_input()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["question.txt"], "\uFEFFCount from one to three.\n");
        Assert.Equal("one two three.\n", CommandRun.Of("generate", "--file", folder["question.txt"], "--temperature", "0", "--device", "cpu").Text());
        Assert.Equal("one two three.\n", CommandRun.WithInput("Count from one to three.\n", "generate", "--temperature", "0", "--device", "cpu").Text());
    }

    [Fact]
    public void Raw_text_gets_bos_and_nothing_else()
    {
        // The template's own spelling, once as control tokens and once as letters.
        const string prompt = "<|turn>user\nWhat is the capital of Japan?<turn|>\n<|turn>model\n<|channel>thought\n<channel|>";
        string[] command = ["generate", "--raw", prompt, "--temperature", "0", "--max-tokens", "20", "--json", "--device", "cpu"];
        JsonElement control = CommandRun.Of([.. command, "--specials"]).Json();
        Assert.Equal("The capital of Japan is Tokyo.", control.GetProperty("text").GetString());
        Assert.Equal(26, control.GetProperty("stats").GetProperty("prompt_tokens").GetInt32());
        JsonElement letters = CommandRun.Of(command).Json();
        Assert.True(letters.GetProperty("stats").GetProperty("prompt_tokens").GetInt32() > 40);
    }

    [Fact]
    public void A_seed_gives_one_answer_and_others_give_others()
    {
        int[] Ids(string seed) =>
        [
            .. CommandRun.Of("generate", "--raw", "Once", "--temperature", "3", "--top-k", "0", "--top-p", "1", "--seed", seed, "--max-tokens", "12", "--json", "--device", "cpu")
                .Json().GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()),
        ];
        Assert.Equal(Ids("0"), Ids("0"));
        Assert.NotEqual(Ids("0"), Ids("1"));
    }

    [Theory]
    [InlineData("--weights", "int8")]
    [InlineData("--kv", "fp32")]
    [InlineData("--rope", "published")]
    [InlineData("--embedding", "int8")]
    public void Other_numbers_answer_the_same(string flag, string value) => Assert.Equal(
        "The capital of Japan is Tokyo.\n",
        CommandRun.Of("generate", "What is the capital of Japan?", "--temperature", "0", flag, value, "--device", "cpu").Text());

    [Fact]
    public void A_full_context_is_said_in_one_sentence_and_in_the_json()
    {
        CommandRun run = CommandRun.Of("generate", "What are you?", "--temperature", "0", "--device", "cpu", "--context", "26", "--json");
        Assert.Equal("context", run.Json().GetProperty("stop").GetString());
        Assert.StartsWith("The context of 26 positions was full before the answer ended: raise --context (the model allows 4096)", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.9")]
    public void A_drafter_changes_no_token(string temperature)
    {
        JsonElement Run(params string[] flags) => CommandRun.Of(
            ["generate", "--think", Question, "--temperature", temperature, "--seed", "11", "--json", "--device", "cpu", .. flags]).Json();
        JsonElement plain = Run("--drafter", "off");
        Assert.Equal(JsonValueKind.Null, plain.GetProperty("stats").GetProperty("drafter").GetProperty("folder").ValueKind);
        Assert.Contains("--drafter off", plain.GetProperty("stats").GetProperty("drafter").GetProperty("reason").GetString(), StringComparison.Ordinal);
        foreach (string[] flags in (string[][])[[], ["--draft", "4"], ["--draft", "7", "--drafter-head", "int4"], ["--drafter", Path.Combine(Repository.Pebble, "..", "pebble-assistant")]])
        {
            JsonElement drafted = Run(flags);
            Assert.Equal(plain.GetProperty("ids").ToString(), drafted.GetProperty("ids").ToString());
            Assert.Equal(plain.GetProperty("stop").GetString(), drafted.GetProperty("stop").GetString());
            JsonElement drafter = drafted.GetProperty("stats").GetProperty("drafter");
            Assert.True(drafter.GetProperty("tokens_per_step").GetDouble() > 1);
            Assert.InRange(drafter.GetProperty("acceptance").GetDouble(), 0.01, 1);
        }
    }

    [Fact]
    public void A_drafter_in_the_folder_of_the_model_is_found_and_a_broken_one_named()
    {
        using TemporaryFolder folder = new();
        foreach (string file in Directory.GetFiles(Repository.Pebble))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        string[] command = ["generate", "What are you?", "--temperature", "0", "--device", "cpu", "--verbose", "--model", folder.Path];
        Assert.Contains("  drafter  none (none in ", CommandRun.Of(command).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(folder["drafter"]);
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Pebble, "..", "pebble-assistant")))
        {
            File.Copy(file, Path.Combine(folder["drafter"], Path.GetFileName(file)));
        }

        Assert.Contains("  drafter  drafter (found with the model)", CommandRun.Of(command).Error, StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(folder["drafter"], "model.safetensors"), [1, 2, 3]);
        CommandRun broken = CommandRun.Of(command);
        Assert.Equal(1, broken.Code);
        Assert.Contains("--drafter off runs without it", broken.Error, StringComparison.Ordinal);
    }
}
