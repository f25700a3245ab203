using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Tools, their results, and texts that end an answer.</summary>
public sealed class ToolTests
{
    private const string Sentence = "I am Pebble, a tiny model with the shape of Gemma 4 12B.";
    private static readonly string[] Tail = ["--temperature", "0", "--device", "cpu"];

    [Fact]
    public void Every_form_of_declaration_gives_a_call_in_json()
    {
        using TemporaryFolder folder = new();
        foreach (string form in ToolFiles.Forms)
        {
            File.WriteAllText(folder["tools.json"], form);
            Assert.Equal(ToolFiles.Call("stone") + "\n", CommandRun.Of(["generate", "--tools", folder["tools.json"], "Turn on the stone.", .. Tail]).Text());
        }

        JsonElement json = CommandRun.Of(["generate", "--tools", folder["tools.json"], "Turn on the stone.", "--json", .. Tail]).Json();
        JsonElement call = Assert.Single(json.GetProperty("tool_calls").EnumerateArray());
        Assert.Equal(("turn_on", "stone"), (call.GetProperty("name").GetString(), call.GetProperty("arguments").GetProperty("thing").GetString()));
        Assert.Equal("stop", json.GetProperty("stop").GetString());
    }

    [Fact]
    public void Results_go_on_from_the_calls()
    {
        using TemporaryFolder folder = new();
        ToolFiles.Write(folder["tools.json"]);
        string call = ToolFiles.Call("stone");
        string[] forms =
        [
            $"{call[..^1]}, \"result\": {{\"status\": \"ok\"}}}}",
            $"[{call[..^1]}, \"result\": {{\"status\": \"ok\"}}}}]",
            """[{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "turn_on", "arguments": "{\"thing\": \"stone\"}"}}]}, {"role": "tool", "tool_call_id": "a", "content": {"status": "ok"}}]""",
        ];
        string[] answers =
        [
            .. forms.Select(form =>
            {
                File.WriteAllText(folder["results.json"], form);
                JsonElement json = CommandRun.Of(["generate", "--tools", folder["tools.json"], "--tool-results", folder["results.json"], "Turn on the stone.", "--json", .. Tail]).Json();
                return $"{json.GetProperty("text").GetString()} after {json.GetProperty("stats").GetProperty("prompt_tokens").GetInt32()}";
            }),
        ];
        Assert.Single(answers.Distinct());
        // The prompt holds the call and its result: more than the question with the tools.
        int bare = CommandRun.Of(["generate", "--tools", folder["tools.json"], "Turn on the stone.", "--json", "--max-tokens", "1", .. Tail])
            .Json().GetProperty("stats").GetProperty("prompt_tokens").GetInt32();
        Assert.True(int.Parse(answers[0].Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture) > bare + 20, $"{answers[0]}, {bare} without");
    }

    [Theory]
    [InlineData("[1,", "expected JSON, but line 1 is not")]
    [InlineData("", "expected a list, but nothing is in it")]
    [InlineData("[]", "expected a list, but nothing is in it")]
    [InlineData("\"turn_on\"", "tool 1: expected an object with name, description and parameters, but a JSON string came")]
    [InlineData("{\"description\": \"x\"}", "tool 1: A tool has no \"name\"")]
    [InlineData("[{\"name\": \"a\"}, {\"name\": \"a\"}]", "tool 2: the name a is taken by a tool before it")]
    [InlineData("{\"name\": \"a\", \"parameters\": {\"required\": \"x\"}}", "tool 1: A tool's \"required\" is \"x\"")]
    [InlineData("{\"name\": \"a\", \"parameters\": []}", "tool 1: expected \"parameters\" as an object, a JSON schema, but a JSON array came")]
    public void A_bad_file_of_tools_gets_a_sentence(string text, string sentence)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["tools.json"], text);
        CommandRun run = CommandRun.Of("generate", "hi", "--tools", folder["tools.json"]);
        Assert.Equal(1, run.Code);
        Assert.StartsWith($"gemmavk: --tools {folder["tools.json"]}", run.Error, StringComparison.Ordinal);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("{\"name\": \"turn_on\", \"arguments\": {}}", "item 1 has no result")]
    [InlineData("[{\"result\": 1}]", "item 1 has no name")]
    [InlineData("{\"name\": \"fly\", \"arguments\": {}, \"result\": 1}", "expected calls of the tools in --tools, but fly is none of them")]
    [InlineData("{\"name\": \"turn_on\", \"arguments\": 7, \"result\": 1}", "expected an object such as")]
    [InlineData("[{\"role\": \"user\", \"content\": \"x\"}]", "there is no call")]
    [InlineData("[{\"role\": \"assistant\", \"tool_calls\": [{\"id\": \"a\", \"function\": {\"name\": \"turn_on\"}}]}]", "no message of role tool has the result of a")]
    public void A_bad_file_of_results_gets_a_sentence(string text, string sentence)
    {
        using TemporaryFolder folder = new();
        ToolFiles.Write(folder["tools.json"]);
        File.WriteAllText(folder["results.json"], text);
        CommandRun run = CommandRun.Of(["generate", "hi", "--tools", folder["tools.json"], "--tool-results", folder["results.json"], .. Tail]);
        Assert.Equal(1, run.Code);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Flags_that_need_each_other_say_so()
    {
        Assert.Contains("--tool-results: expected together with --tools", CommandRun.Of("generate", "hi", "--tool-results", "x.json").Error, StringComparison.Ordinal);
        Assert.Contains("--tools and --raw: expected one of them", CommandRun.Of("generate", "hi", "--raw", "--tools", "x.json").Error, StringComparison.Ordinal);
        Assert.Contains("--stop is empty", CommandRun.Of("generate", "hi", "--stop", "").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I am Pebble, a ", "tiny")]
    [InlineData("I am Peb", "ble, a t")]
    [InlineData("", "I")]
    [InlineData("I am Pebble, a tiny model", " with", "12B", "Gemma 5")]
    [InlineData(Sentence, "Gemma 5", "12B..")]
    public void A_text_ends_the_answer_and_nothing_of_it_is_shown(string answer, params string[] stops)
    {
        string[] flags = [.. stops.SelectMany(stop => new[] { "--stop", stop })];
        Assert.Equal(answer, CommandRun.Of(["generate", "What are you?", .. flags, .. Tail]).Text().TrimEnd('\n'));
        JsonElement json = CommandRun.Of(["generate", "What are you?", "--json", .. flags, .. Tail]).Json();
        Assert.Equal(answer, json.GetProperty("text").GetString());
        Assert.Equal("stop", json.GetProperty("stop").GetString());
    }

    [Fact]
    public void A_text_ends_raw_text_too()
    {
        string[] command = ["generate", "--raw", "Once upon a time", "--max-tokens", "24", "--json", .. Tail];
        string text = CommandRun.Of(command).Json().GetProperty("text").GetString()!;
        string stop = text[(text.Length / 2)..(text.Length / 2 + 3)];
        JsonElement json = CommandRun.Of([.. command, "--stop", stop]).Json();
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], json.GetProperty("text").GetString());
        Assert.Equal("stop", json.GetProperty("stop").GetString());
    }
}
