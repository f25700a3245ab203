using System;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>Calls as models write them when they fall into JSON or Python, and calls that cannot be read: nothing of them is lost.</summary>
public sealed class SloppyCallTests
{
    [Theory]
    [InlineData("""{refs:["ds_1"]}""", """{"refs":["ds_1"]}""")]
    [InlineData("""{refs:['x']}""", """{"refs":["x"]}""")]
    [InlineData("""{opts:{"mode":"fast"}}""", """{"opts":{"mode":"fast"}}""")]
    [InlineData("""{"city": "Oslo", "days": 3}""", """{"city":"Oslo","days":3}""")]
    [InlineData("""{'city': 'Oslo', 'deep': {'a': ['b', 'c'], "d": True}}""", """{"city":"Oslo","deep":{"a":["b","c"],"d":true}}""")]
    [InlineData("""{a:True,b:False,c:None,d:null,e:nil,f:true,g:TRUE}""", """{"a":true,"b":false,"c":null,"d":null,"e":null,"f":true,"g":true}""")]
    [InlineData("""{a:"True",b:'None',c:"12",d:'null'}""", """{"a":"True","b":"None","c":"12","d":"null"}""")]
    [InlineData("""{a:NaN,b:-Infinity,c:inf}""", """{"a":"NaN","b":"-Infinity","c":"inf"}""")]
    [InlineData("""{a:"",b:'',c:[""]}""", """{"a":"","b":"","c":[""]}""")]
    [InlineData("""{a:"x, y: {z} [w]",b:'p}, q:1'}""", """{"a":"x, y: {z} [w]","b":"p}, q:1"}""")]
    [InlineData("""{"k: {":"v"}""", """{"k: {":"v"}""")]
    [InlineData("""{a:"say \"hi\"",b:'it\'s',c:"\\",d:"a\/b\n\t\u00e9\ud83d\ude42"}""", """{"a":"say \"hi\"","b":"it's","c":"\\","d":"a/b\n\t\u00e9\ud83d\ude42"}""")]
    [InlineData("""{a:'\x41\U0001F642\q'}""", """{"a":"A\ud83d\ude42\\q"}""")]
    [InlineData("""{a:"\ud83d"}""", """{"a":"\ufffd"}""")]
    [InlineData("""{a:'it's fine',b:"he said "no" twice"}""", """{"a":"it's fine","b":"he said \"no\" twice"}""")]
    [InlineData("{a:\"\"\"two \"quoted\" words\"\"\",b:'''x'''}", """{"a":"two \"quoted\" words","b":"x"}""")]
    [InlineData("""{a:'tis,b:5",c:O'Hara}""", """{"a":"'tis","b":"5\"","c":"O'Hara"}""")]
    [InlineData("""{title:"Hamlet" by Shakespeare}""", """{"title":"\"Hamlet\" by Shakespeare"}""")]
    [InlineData("""{ "a" : "b" , 'c' : [ "d" , 'e' , ] , }""", """{"a":"b","c":["d","e"]}""")]
    [InlineData("""{a:<|"|>"kept"<|"|>,b:'x',<|"|>'c'<|"|>:1}""", """{"a":"\"kept\"","b":"x","'c'":1}""")]
    [InlineData("{a:\"two\nlines\"}", """{"a":"two\nlines"}""")]
    public void QuotesAndWordsOfJsonAndPythonAreRead(string arguments, string expected)
    {
        ResponseParser parser = Parse($"<|tool_call>call:f{arguments}<tool_call|>");
        Assert.Empty(parser.MalformedCalls);
        ToolCall call = Assert.Single(parser.ToolCalls);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(call.Arguments.GetRawText())), call.Arguments.GetRawText());
    }

    [Theory]
    [InlineData("ns:tool")]
    [InlineData("server/tool.v2")]
    [InlineData("a-b_c")]
    [InlineData("mcp__x:y/z-1.0")]
    [InlineData("@scope/tool")]
    [InlineData("\u00fcber")]
    public void NamesMayHoldWhatToolsAreCalled(string name)
    {
        foreach (string written in (string[])[name, $"\"{name}\"", $"'{name}'", $" {name} "])
        {
            Assert.Equal(name, Assert.Single(Parse($"<|tool_call>call:{written}{{a:1}}<tool_call|>").ToolCalls).Name);
        }
    }

    [Theory]
    [InlineData("call:f{a:", "call:f{a:")]
    [InlineData("call:f{a:\"open}", "call:f{a:\"open}")]
    [InlineData("get{city:<|\"|>X<|\"|>}", "get{city:\"X\"}")]
    [InlineData("call:f{a:1<|image|>}", "call:f{a:1<|image|>}")]
    [InlineData("call:f{a:1}<channel|>", "call:f{a:1}<channel|>")]
    [InlineData("", "")]
    public void ACallThatCannotBeReadIsInTheAnswer(string body, string shown)
    {
        ResponseParser parser = new();
        string unread = "";
        foreach ((string piece, bool control) in GoldenParseTests.Pieces($"Before.<|tool_call>{body}<tool_call|>After."))
        {
            unread += parser.Append(piece, control).Unread;
        }

        parser.Finish();
        Assert.Empty(parser.ToolCalls);
        Assert.Equal([shown], parser.MalformedCalls);
        Assert.Equal([shown], parser.UnreadCalls);
        Assert.Equal(shown, unread);
        Assert.Equal($"Before.\n{shown}\nAfter.", parser.Answer);
        Assert.Equal("Before.After.", parser.Content);
    }

    [Fact]
    public void OneBadCallOfTwoLeavesTheOther()
    {
        ResponseParser parser = Parse("<|tool_call>call:f{a:1}<tool_call|><|tool_call>call:g{a<tool_call|><|tool_call>call:h{}<tool_call|>");
        Assert.Equal(["f", "h"], parser.ToolCalls.Select(call => call.Name));
        Assert.Equal(["call:g{a"], parser.UnreadCalls);
        Assert.Equal("call:g{a\n", parser.Answer);
    }

    [Theory]
    [InlineData("<|tool_call>call:f{city:<|\"|>Lon", "call:f{city:\"Lon")]
    [InlineData("<|tool_call>call:f{a:1}", "call:f{a:1}")]
    [InlineData("<|tool_call>", "")]
    [InlineData("<|tool_call>call:f{s:<|\"|>a<tool_call|><turn|>", "call:f{s:\"a<tool_call|><turn|>")]
    public void ACallThatWasCutOffIsInTheAnswer(string text, string shown)
    {
        ResponseParser parser = new();
        foreach ((string piece, bool control) in GoldenParseTests.Pieces(text))
        {
            parser.Append(piece, control);
        }

        Assert.Empty(parser.UnreadCalls);
        Assert.Equal(shown, parser.Finish().Unread);
        Assert.Null(parser.Finish().Unread);
        Assert.Equal(OpenPart.ToolCall, parser.Open);
        Assert.Equal([shown], parser.UnreadCalls);
        Assert.Equal(shown + "\n", parser.Answer);
    }

    [Theory]
    [InlineData("""{"name":"f","parameters":{"type":"object","properties":{"\ud800":{"type":"string"}}}}""")]
    [InlineData("""{"name":"f","\udc00":1}""")]
    [InlineData("""{"name":"f\ud800"}""")]
    [InlineData("""{"name":"f","description":"\ud800"}""")]
    [InlineData("""{"type":"function","function":{"name":"f","parameters":{"type":"object","required":["\ud800"]}}}""")]
    [InlineData("""{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","enum":["\ud800"]}}}}""")]
    public void HalfACharacterInAToolIsASentence(string tool)
    {
        TextException error = Assert.Throws<TextException>(() => ChatTemplate.Render([new ChatMessage("user", "x")], [new ToolDeclaration(JsonElement.Parse(tool))]));
        Assert.Contains("surrogate", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":{"b":["\udc00"]}}""")]
    public void HalfACharacterInACallIsASentence(string arguments)
    {
        ChatMessage call = new("assistant") { ToolCalls = [new ToolCall("f", JsonElement.Parse(arguments))] };
        Assert.Contains("surrogate", Assert.Throws<TextException>(() => ChatTemplate.Render([new ChatMessage("user", "x"), call])).Message, StringComparison.Ordinal);
    }

    private static ResponseParser Parse(string text)
    {
        ResponseParser parser = new();
        foreach ((string piece, bool control) in GoldenParseTests.Pieces(text))
        {
            parser.Append(piece, control);
        }

        parser.Finish();
        return parser;
    }
}
