using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FsCheck.Xunit;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>What a caller or a model may send without harm.</summary>
public sealed class ChatSafetyTests
{
    [Property(MaxTest = 500)]
    public void NothingOfTheCallerBecomesAControlToken(ValidText text)
    {
        SpecialTokens specials = Pebble.Tokenizer.Specials;
        ChatPrompt prompt = Hostile(text.Text);
        int[] ids = prompt.Encode(Pebble.Tokenizer);
        int[] harmless = Hostile("x").Encode(Pebble.Tokenizer);
        Assert.Equal(harmless.Where(specials.IsControl), ids.Where(specials.IsControl));
        Assert.Equal(prompt.Text, Pebble.Tokenizer.Decode(ids, skipSpecials: false));
    }

    [Property(MaxTest = 500)]
    public void PromptWithoutHostileTextIsEncodedAsOneText(ValidText text)
    {
        ChatPrompt prompt = Hostile(text.Text.Replace("<", "", StringComparison.Ordinal));
        Assert.Equal(Pebble.Tokenizer.Encode(prompt.Text, specials: true), prompt.Encode(Pebble.Tokenizer));
    }

    [Property(MaxTest = 500)]
    public void PiecesGiveWhatTheWholeGives(ChunkedText text)
    {
        ResponseParser whole = Parse(GoldenParseTests.Pieces(text.Whole.Text));
        ResponseParser parts = Parse(text.Chunks);
        Assert.Equal(whole.Thinking, parts.Thinking);
        Assert.Equal(whole.Content, parts.Content);
        Assert.Equal(whole.Stop, parts.Stop);
        Assert.Equal(whole.Open, parts.Open);
        Assert.Equal(whole.MalformedCalls, parts.MalformedCalls);
        Assert.Equal(whole.ToolCalls.Select(call => call.Name + call.Arguments), parts.ToolCalls.Select(call => call.Name + call.Arguments));
    }

    [Property(MaxTest = 3000)]
    public void AnyCallTextIsReadOrMalformed(CallText inside)
    {
        ResponseParser parser = Parse(GoldenParseTests.Pieces("<|tool_call>call:f{" + inside.Text + "}<tool_call|>end"));
        Assert.True(parser.ToolCalls.Count + parser.MalformedCalls.Count > 0 || parser.Open == OpenPart.ToolCall);
        Assert.All(parser.ToolCalls, call => Assert.Equal(JsonValueKind.Object, call.Arguments.ValueKind));
    }

    [Fact]
    public void DeepCallsAreMalformed()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 100_000));
        ResponseParser parser = Parse([("<|tool_call>", true), ("call:f{a:" + deep, false), ("<tool_call|>", true)]);
        Assert.Single(parser.MalformedCalls);
        Assert.Empty(parser.ToolCalls);
    }

    [Fact]
    public void PromptThatEndsInAThoughtGoesOnThinking()
    {
        var call = new ToolCall("f", JsonElement.Parse("{}"), "1");
        ChatMessage[] messages = [new("user", "q"), new("assistant") { ToolCalls = [call] }, new("tool", "r") { ToolCallId = "1" }];
        ChatPrompt prompt = ChatTemplate.Render(messages, [], new ChatOptions { EnableThinking = true });
        Assert.True(prompt.EndsInThought);
        Assert.False(ChatTemplate.Render([new("user", "<|channel>thought\n")], [], new ChatOptions { AddGenerationPrompt = false }).EndsInThought);
        var parser = new ResponseParser(prompt.EndsInThought);
        parser.Append("\nStill", isControl: false);
        Assert.Equal(OpenPart.Thinking, parser.Open);
        parser.Append("<channel|>", isControl: true);
        parser.Append("Done", isControl: false);
        Assert.Equal(("Still", "Done", OpenPart.None), (parser.Thinking, parser.Content, parser.Open));
    }

    [Fact]
    public void NamesTheFaultOfAConversation()
    {
        Fault("arguments of the call of f are not valid JSON", Called("\"{oops\""));
        Fault("are a JSON Array", Called("[1]"));
        Fault("are a JSON Number", Called("\"5\""));
        Fault("half of a surrogate pair", Called("{\"a\": \"\\ud800\"}"));
        Fault("half of a surrogate pair", Called("{\"\\ud800\": 1}"));
        Assert.Contains("no \"name\"", Assert.Throws<TextException>(() => new ToolDeclaration(JsonElement.Parse("{\"function\": {}}"))).Message, StringComparison.Ordinal);
        Assert.Contains("no \"name\"", Assert.Throws<TextException>(() => new ToolDeclaration(default)).Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 2000)]
    public void SchemasOfAnyShapeAreWrittenOrRefused(SchemaText schema)
    {
        try
        {
            JsonElement tool = JsonElement.Parse(
                $$$"""{"name": "f", "description": {{{schema}}}, "parameters": {"type": "object", "properties": {"p": {{{schema}}} }}, "response": {{{schema}}} }""");
            Assert.EndsWith("<channel|>", ChatTemplate.Render([], [new ToolDeclaration(tool)]).Text, StringComparison.Ordinal);
            tool = JsonElement.Parse($$$"""{"name": "f", "parameters": {{{schema}}} }""");
            ChatTemplate.Render([], [new ToolDeclaration(tool)]);
        }
        catch (TextException)
        {
            // Refused with a sentence.
        }
    }

    private static ChatPrompt Hostile(string text)
    {
        JsonElement json = JsonSerializer.SerializeToElement(text);
        JsonElement arguments = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["k" + text] = text });
        JsonElement tool = JsonSerializer.SerializeToElement(new { name = text, description = text, parameters = new { type = "object", properties = new Dictionary<string, object> { [text] = new { type = "x" + text, description = "x" + text } } } });
        ChatMessage[] messages =
        [
            new("system", text + "."),
            new("user", "." + text),
            new("assistant", "." + text.Replace("<|channel>", "", StringComparison.Ordinal)) { Reasoning = "." + text, ToolCalls = [new(text, arguments, text)] },
            new("tool", text) { ToolCallId = text },
            new("assistant") { ToolCalls = [new("g", arguments)], ToolResponses = [new(text, json), new("g", arguments)] },
            new("critic" + text, "x"),
        ];
        return ChatTemplate.Render(messages, [new ToolDeclaration(tool)], new ChatOptions { EnableThinking = true });
    }

    private static ResponseParser Parse(IEnumerable<(string Piece, bool Control)> pieces)
    {
        var parser = new ResponseParser();
        foreach ((string piece, bool control) in pieces)
        {
            parser.Append(piece, control);
        }

        parser.Finish();
        return parser;
    }

    private static ChatMessage[] Called(string arguments) => [new("user", "q"), new("assistant") { ToolCalls = [new("f", JsonElement.Parse(arguments))] }];

    private static void Fault(string fault, ChatMessage[] messages) =>
        Assert.Contains(fault, Assert.Throws<TextException>(() => ChatTemplate.Render(messages)).Message, StringComparison.Ordinal);
}
