using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class SchemaTests
{
    private const string Lines = """
        {"name":"person","schema":{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name"],"additionalProperties":false},"tests":[{"valid":true,"data":{"name":"Ann","age":3}},{"valid":true,"data":{"age":3,"name":"Ann"}},{"valid":false,"data":{"age":3}}]}
        {"name":"back","schema":{"type":"object","properties":{"a":{"type":"string","pattern":"(?=x)"}}}}
        """;

    [Fact]
    public void Json_has_the_agreed_shape()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "schemas.jsonl");
        File.WriteAllText(file, Lines);
        JsonElement json = CommandRun.Of("schema", file, "--json").Json();
        Assert.Equal(
            ["vocabulary", "schemas", "built", "passed", "refused", "valid", "invalid", "over_constraint", "under_constraint", "build_us", "mask_us", "refusals"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal((2, 1, 1, 0), (json.GetProperty("schemas").GetInt32(), json.GetProperty("built").GetInt32(), json.GetProperty("over_constraint").GetInt32(), json.GetProperty("under_constraint").GetInt32()));
        Assert.Equal(1, json.GetProperty("refused").GetProperty("pattern").GetInt32());
        Assert.Equal("/properties/a/pattern", json.GetProperty("refusals")[0].GetProperty("path").GetString());
        Assert.Equal(["count", "p50", "p99", "p999", "max"], json.GetProperty("mask_us").EnumerateObject().Select(property => property.Name));
        Assert.Equal(0, CommandRun.Of("schema", file, "--any-order", "--compact", "--json").Json().GetProperty("over_constraint").GetInt32());
    }

    [Fact]
    public void A_refused_schema_is_named_with_its_keyword()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "one.json");
        File.WriteAllText(file, """{"items":{"contains":{}}}""");
        CommandRun run = CommandRun.Of("schema", file);
        Assert.Equal(1, run.Code);
        Assert.Contains("/items/contains", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_none_are_explained()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "bad.jsonl");
        File.WriteAllText(file, "{}\n{");
        Assert.Contains("line 2", CommandRun.Of("schema", file).Error, StringComparison.Ordinal);
        File.WriteAllText(file, "");
        Assert.Contains("empty", CommandRun.Of("schema", file).Error, StringComparison.Ordinal);
        Assert.Contains("cannot read", CommandRun.Of("schema", Path.Combine(folder.Path, "none.json")).Error, StringComparison.Ordinal);
    }
}
