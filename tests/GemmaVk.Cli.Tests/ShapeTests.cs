using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Flags that say what an answer may be.</summary>
public sealed class ShapeTests
{
    private static readonly string[] Tail = ["--temperature", "0", "--device", "cpu"];

    [Fact]
    public void A_schema_a_grammar_and_an_expression_govern_the_answer()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["city.json"], """{"type":"object","properties":{"size":{"enum":["small","large"]},"old":{"type":"boolean"}},"required":["size","old"],"additionalProperties":false}""");
        File.WriteAllText(folder["answer.gbnf"], "root ::= (\"yes\" | \"no\") \"!\"");
        JsonElement json = CommandRun.Of(["generate", "--json-schema", folder["city.json"], "What is Tokyo?", "--json", .. Tail]).Json();
        JsonElement city = JsonDocument.Parse(json.GetProperty("text").GetString()!).RootElement;
        Assert.Contains(city.GetProperty("size").GetString(), (string[])["small", "large"]);
        Assert.Equal("stop", json.GetProperty("stop").GetString());
        Assert.Contains(CommandRun.Of(["generate", "--grammar", folder["answer.gbnf"], "Is it?", .. Tail]).Text(), (string[])["yes!\n", "no!\n"]);
        Assert.Matches("^[0-9]{3}\n$", CommandRun.Of(["generate", "--regex", "[0-9]{3}", "--raw", "Is it?", .. Tail]).Text());
    }

    [Fact]
    public void A_strict_tool_gets_arguments_that_fit()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["tools.json"], """[{"type":"function","function":{"name":"turn_on","description":"Turn on a thing.","strict":true,"parameters":{"type":"object","properties":{"thing":{"enum":["lamp","radio"]}},"required":["thing"],"additionalProperties":false}}}]""");
        JsonElement json = CommandRun.Of(["generate", "--tools", folder["tools.json"], "Turn on the stone.", "--json", .. Tail]).Json();
        JsonElement call = Assert.Single(json.GetProperty("tool_calls").EnumerateArray());
        Assert.Contains(call.GetProperty("arguments").GetProperty("thing").GetString(), (string[])["lamp", "radio"]);
    }

    [Fact]
    public void What_cannot_be_held_is_said_with_its_place()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["bad.json"], """{"properties":{"a":{"uniqueItems":true}}}""");
        File.WriteAllText(folder["bad.gbnf"], "root ::= missing");
        (string[] Flags, string Says)[] cases =
        [
            (["--json-schema", folder["bad.json"]], "bad.json at /properties/a/uniqueItems: "),
            (["--json-schema", folder["none.json"]], "none.json"),
            (["--grammar", folder["bad.gbnf"]], "missing"),
            (["--regex", "(a"], "--regex (a"),
            (["--regex", "a", "--grammar", folder["bad.gbnf"]], "expected one of them"),
            (["--regex", "a", "--stop", "b"], "--regex and --stop: expected one of them"),
        ];
        foreach ((string[] flags, string says) in cases)
        {
            CommandRun run = CommandRun.Of(["generate", "hi", .. flags, .. Tail]);
            Assert.Equal(1, run.Code);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
        }
    }
}
