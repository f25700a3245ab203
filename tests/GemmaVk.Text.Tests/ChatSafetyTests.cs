using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>What a caller or a model may send without harm.</summary>
public sealed class ChatSafetyTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void NothingOfTheCallerBecomesAControlToken() => Prop.ForAll(Texts.Valid, text =>
    {
        SpecialTokens specials = Pebble.Tokenizer.Specials;
        ChatPrompt prompt = Hostile(text);
        int[] ids = prompt.Encode(Pebble.Tokenizer);
        int[] harmless = Hostile("x").Encode(Pebble.Tokenizer);
        return ids.Where(specials.IsControl).SequenceEqual(harmless.Where(specials.IsControl))
            && Pebble.Tokenizer.Decode(ids, skipSpecials: false) == prompt.Text;
    }).Check(Many);

    [Fact]
    public void PromptWithoutHostileTextIsEncodedAsOneText() => Prop.ForAll(Texts.Valid, text =>
    {
        string plain = text.Replace("<", "", StringComparison.Ordinal);
        ChatPrompt prompt = Hostile(plain);
        return prompt.Encode(Pebble.Tokenizer).SequenceEqual(Pebble.Tokenizer.Encode(prompt.Text, specials: true));
    }).Check(Many);

    [Fact]
    public void PiecesGiveWhatTheWholeGives() => Prop.ForAll(Texts.Any.Generator.SelectMany(text => Chunked(text).Select(chunks => (text, chunks))).ToArbitrary(), pair =>
    {
        ResponseParser whole = Parse(GoldenParseTests.Pieces(pair.text));
        ResponseParser parts = Parse(pair.chunks);
        Assert.Equal(whole.Thinking, parts.Thinking);
        Assert.Equal(whole.Content, parts.Content);
        Assert.Equal(whole.Stop, parts.Stop);
        Assert.Equal(whole.Open, parts.Open);
        Assert.Equal(whole.MalformedCalls, parts.MalformedCalls);
        Assert.Equal(whole.ToolCalls.Select(call => call.Name + call.Arguments), parts.ToolCalls.Select(call => call.Name + call.Arguments));
    }).Check(Many);

    [Fact]
    public void AnyCallTextIsReadOrMalformed()
    {
        Gen<string> piece = Gen.Elements("<|\"|>", "{", "}", "[", "]", ":", ",", "a", "call:f{", "1", "-", ".5", "true", "nil", " ", "\n", "\ud800", "\"", "<|image|>", "<|tool_call>", "\u0000");
        Prop.ForAll(piece.ListOf().ToArbitrary(), pieces =>
        {
            string text = "<|tool_call>call:f{" + string.Concat(pieces) + "}<tool_call|>end";
            ResponseParser parser = Parse(GoldenParseTests.Pieces(text));
            Assert.True(parser.ToolCalls.Count + parser.MalformedCalls.Count > 0 || parser.Open == OpenPart.ToolCall);
            Assert.All(parser.ToolCalls, call => Assert.Equal(JsonValueKind.Object, call.Arguments.ValueKind));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
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

    [Fact]
    public void SchemasOfAnyShapeAreWrittenOrRefused()
    {
        Gen<string> key = Gen.Elements("type", "properties", "required", "items", "description", "enum", "nullable", "a", "B", "\\ud800");
        Gen<string> leaf = Gen.Elements("null", "true", "0", "1.5e3", "\"string\"", "\"array\"", "\"OBJECT\"", "\"\"", "[]", "{}", "[\"string\", null]", "\"\\udc00\"");
        Gen<string> Value(int depth) => depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Value(depth - 1).ListOf().Select(items => $"[{string.Join(", ", items.Take(4))}]"),
            key.SelectMany(name => Value(depth - 1).Select(value => $"\"{name}\": {value}")).ListOf().Select(pairs => $"{{{string.Join(", ", pairs.Take(5))}}}"));
        Prop.ForAll(Value(4).ToArbitrary(), schema =>
        {
            try
            {
                JsonElement tool = JsonElement.Parse($$$"""{"name": "f", "description": {{{schema}}}, "parameters": {"type": "object", "properties": {"p": {{{schema}}} }}, "response": {{{schema}}} }""");
                Assert.EndsWith("<channel|>", ChatTemplate.Render([], [new ToolDeclaration(tool)]).Text, StringComparison.Ordinal);
                tool = JsonElement.Parse($$$"""{"name": "f", "parameters": {{{schema}}} }""");
                ChatTemplate.Render([], [new ToolDeclaration(tool)]);
            }
            catch (TextException)
            {
                // Refused with a sentence.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
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

    private static Gen<(string, bool)[]> Chunked(string text) => GoldenParseTests.Pieces(text)
        .Select(piece => piece.Control ? Gen.Constant(new[] { piece }) : Texts.Chunks(piece.Piece).Select(chunks => chunks.Select(chunk => (chunk, false)).ToArray()))
        .Aggregate(Gen.Constant(Array.Empty<(string, bool)>()), (before, next) => before.SelectMany(a => next.Select(b => a.Concat(b).ToArray())));

    private static ChatMessage[] Called(string arguments) => [new("user", "q"), new("assistant") { ToolCalls = [new("f", JsonElement.Parse(arguments))] }];

    private static void Fault(string fault, ChatMessage[] messages) =>
        Assert.Contains(fault, Assert.Throws<TextException>(() => ChatTemplate.Render(messages)).Message, StringComparison.Ordinal);
}
