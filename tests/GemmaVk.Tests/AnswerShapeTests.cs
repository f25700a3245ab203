using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using FsCheck.Xunit;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Structured;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using Xunit;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk.Tests;

public sealed class AnswerShapeTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private static readonly AskOptions Warm = new() { Draw = new DrawOptions(Temperature: 1.5f, Seed: 3), MaxTokens = 200 };

    /// <summary>A record whose schema the interface makes.</summary>
    internal sealed record City(Size Size, bool IsCapital);

    internal enum Size
    {
        Small,
        Large,
    }

    [Fact]
    public void An_expression_is_matched_from_end_to_end()
    {
        using GemmaSession session = pebble.Engine.NewSession(400);
        Answer answer = session.Ask("What is 4 + 5?", Warm with { Shape = AnswerShape.OfExpression("(yes|no), [0-9]{2,4}\\.") });
        Assert.Equal(StopReason.Stop, answer.Stop);
        Assert.Matches("^(yes|no), [0-9]{2,4}\\.$", answer.Text);
        // The next turn of the same conversation is free again.
        Assert.DoesNotMatch("^(yes|no), ", session.Ask("What is the capital of Japan?", PebbleEngine.Greedy).Text);
    }

    [Fact]
    public void A_grammar_is_followed()
    {
        using GemmaSession session = pebble.Engine.NewSession(400);
        Answer answer = session.Ask("Hello.", Warm with { Shape = AnswerShape.OfGrammar("root ::= \"(\" ( root | [a-c]{3} ) \")\"") });
        Assert.True(answer.Stop == StopReason.Length || Regex.IsMatch(answer.Text, "^\\(+[a-c]{3}\\)+$"), answer.Text);
    }

    [Fact]
    public void A_thought_comes_first_and_is_free()
    {
        using GemmaSession session = pebble.Engine.NewSession(600);
        Answer answer = session.Ask("What is 47 + 85?", PebbleEngine.Greedy with { Think = true, Shape = AnswerShape.OfSchema("""{"type":"integer"}""") });
        Assert.Equal("132", answer.Text);
        Assert.Contains("write 2, carry 1", answer.Thinking, StringComparison.Ordinal);
        Assert.Equal(StopReason.Stop, answer.Stop);
    }

    /// <summary>A thought that would go on without end has no answer, and says so.</summary>
    [Fact]
    public void A_limit_within_the_thought_or_the_text_is_a_limit()
    {
        using GemmaSession session = pebble.Engine.NewSession(600);
        AnswerShape shape = AnswerShape.OfSchema("""{"type":"object","properties":{"a long name that takes many tokens":{"type":"integer"}},"required":["a long name that takes many tokens"]}""");
        foreach (bool think in (bool[])[false, true])
        {
            Answer answer = session.Ask("What is 47 + 85?", PebbleEngine.Greedy with { Think = think, MaxTokens = 5, Shape = shape });
            Assert.Equal(StopReason.Length, answer.Stop);
            Assert.Equal(5, answer.Ids.Count);
        }
    }

    [Fact]
    public async Task The_schema_of_a_type_is_read_back_as_the_type()
    {
        using GemmaChatClient client = new(pebble.Engine, 600);
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 300, ResponseFormat = ChatResponseFormat.ForJsonSchema<City>() };
        ChatResponse response = await client.GetResponseAsync("Name a city.", options);
        Assert.True(response.FinishReason == ChatFinishReason.Stop, response.Text);
        Assert.NotNull(JsonSerializer.Deserialize<City>(response.Text, AIJsonUtilities.DefaultOptions));
    }

    [Fact]
    public async Task Any_object_is_an_object()
    {
        using GemmaChatClient client = new(pebble.Engine, 600);
        ChatResponse response = await client.GetResponseAsync("Write.", new ChatOptions { Temperature = 0, MaxOutputTokens = 60, ResponseFormat = ChatResponseFormat.Json });
        Assert.StartsWith("{", response.Text, StringComparison.Ordinal);
        Assert.True(response.FinishReason != ChatFinishReason.Stop || JsonDocument.Parse(response.Text).RootElement.ValueKind == JsonValueKind.Object);
    }

    /// <summary>A strict tool is called as the model likes, with arguments that fit.</summary>
    [Fact]
    public async Task A_strict_tool_is_held_to_its_schema_and_text_stays_free()
    {
        using GemmaChatClient client = new(pebble.Engine, 600);
        AIFunctionDeclaration tool = Strict("turn_on", """{"type":"object","properties":{"thing":{"enum":["lamp","radio"]}},"required":["thing"],"additionalProperties":false}""");
        ChatOptions options = new() { Temperature = 0, Tools = [tool] };
        ChatResponse response = await client.GetResponseAsync("Turn on the map.", options);
        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Contains(call.Arguments!["thing"]!.ToString(), (string[])["lamp", "radio"]);
        Assert.False(AnswerShape.OfTools([new ToolDeclaration(JsonDocument.Parse("""{"name":"go","strict":true}""").RootElement)], ToolUse.Auto)!.Follow(pebble.Engine).Binds(0));
        Assert.Null(AnswerShape.OfTools([new ToolDeclaration(JsonDocument.Parse("""{"name":"go"}""").RootElement)], ToolUse.Auto));
    }

    [Fact]
    public async Task What_is_required_is_called()
    {
        using GemmaChatClient client = new(pebble.Engine, 600);
        AITool[] tools = [Strict("turn_on", """{"type":"object","properties":{"thing":{"enum":["lamp"]}},"required":["thing"],"additionalProperties":false}"""), Strict("wait", """{"type":"object","properties":{},"additionalProperties":false}""")];
        ChatResponse any = await client.GetResponseAsync("What is the capital of Japan?", new ChatOptions { Temperature = 0, Tools = tools, ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false });
        Assert.Equal(ChatFinishReason.ToolCalls, any.FinishReason);
        Assert.Single(any.Messages[0].Contents.OfType<FunctionCallContent>());
        ChatResponse one = await client.GetResponseAsync("Turn on the lamp.", new ChatOptions { Temperature = 0, Tools = tools, ToolMode = ChatToolMode.RequireSpecific("wait"), AllowMultipleToolCalls = false });
        FunctionCallContent call = Assert.Single(one.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal("wait", call.Name);
        Assert.Empty(call.Arguments!);
    }

    /// <summary>A history of calls tempts the model to call again: mode none leaves the token out.</summary>
    [Fact]
    public void Mode_none_makes_no_call()
    {
        AnswerShape shape = AnswerShape.OfTools([], ToolUse.None)!;
        IAnswerConstraint answer = shape.Follow(pebble.Engine);
        Text.SpecialTokens specials = pebble.Engine.Tokenizer.Specials;
        uint[] allowed = new uint[(pebble.Engine.Model.Config.VocabSize + 31) / 32];
        Assert.Equal(0, answer.Try([specials.ToolCallOpen]));
        Assert.True(answer.Binds(0));
        answer.Fill(0, allowed);
        Assert.Equal([specials.ToolCallOpen], Enumerable.Range(0, pebble.Engine.Tokenizer.VocabularySize).Where(id => (allowed[id >> 5] >> id & 1) == 0));
    }

    [Fact]
    public async Task A_format_beside_tools_leaves_the_choice()
    {
        using GemmaChatClient client = new(pebble.Engine, 600);
        ChatOptions options = new()
        {
            Temperature = 0,
            MaxOutputTokens = 60,
            Tools = [Strict("turn_on", """{"type":"object","properties":{"thing":{"type":"string","maxLength":9}},"required":["thing"],"additionalProperties":false}""")],
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"enum":["Tokyo","Paris"]}""").RootElement),
        };
        ChatResponse called = await client.GetResponseAsync("Turn on the map.", options);
        Assert.Equal("map", Assert.Single(called.Messages[0].Contents.OfType<FunctionCallContent>()).Arguments!["thing"]!.ToString());
        ChatResponse said = await client.GetResponseAsync("What is the capital of Japan?", options);
        Assert.True(said.FinishReason == ChatFinishReason.ToolCalls || said.Text is "\"Tokyo\"" or "\"Paris\"", said.Text);
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"uniqueItems":true}}}""", "/properties/a/uniqueItems")]
    [InlineData("""{"properties":{"a":{"type":"string","pattern":"(?=x)y"}}}""", "/properties/a")]
    [InlineData("""{"$ref":"https://example.com/x"}""", "$ref")]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}""", "without end")]
    [InlineData("""{"type":""", "not JSON")]
    public void What_cannot_be_held_is_refused_where_it_stands(string schema, string says)
    {
        GemmaVkException refused = Assert.Throws<GemmaVkException>(() => AnswerShape.OfSchema(schema, "--json-schema x.json"));
        Assert.StartsWith("--json-schema x.json", refused.Message, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_cannot_hold_is_refused_before_anything_is_generated()
    {
        using GemmaChatClient client = new(pebble.Engine, 600);
        GemmaVkException format = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(
            "hi", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"uniqueItems":true}""").RootElement, "mine") }));
        Assert.Contains("ChatOptions.ResponseFormat 'mine' at /uniqueItems", format.Message, StringComparison.Ordinal);
        GemmaVkException tool = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(
            "hi", new ChatOptions { Tools = [Strict("go", """{"type":"object","properties":{"a":{"uniqueItems":true}}}""")] }));
        Assert.Contains("go#/properties/a/uniqueItems", tool.Message, StringComparison.Ordinal);
        using GemmaSession session = pebble.Engine.NewSession(200);
        GemmaVkException both = Assert.Throws<GemmaVkException>(() => session.Ask("hi", Warm with { Shape = AnswerShape.JsonObject(), StopTexts = ["x"] }));
        Assert.Contains("'x'", both.Message, StringComparison.Ordinal);
        Assert.Equal(0, session.Turns);
    }

    /// <summary>What one token may do and what the mask says of it are written twice: they agree along random answers of every kind, and no mask is empty.</summary>
    [Property(MaxTest = 60)]
    public void A_mask_allows_what_a_step_takes(Seed seed)
    {
        Random random = new(seed);
        ToolDeclaration[] tools = [.. ((string[])["get", "get_more"]).Select((name, i) => new ToolDeclaration(JsonDocument.Parse(
            $"{{\"name\":\"{name}\",\"strict\":{(i == 0 ? "true" : "false")},\"parameters\":{{\"type\":\"object\",\"properties\":{{\"a\":{{\"type\":\"string\",\"maxLength\":3}},\"b c\":{{\"enum\":[1,null,[true]]}}}}}}}}").RootElement))];
        AnswerShape body = random.Next(2) == 0 ? AnswerShape.OfExpression("[ab]{1,3}(é|ö)?") : AnswerShape.OfSchema("""{"type":"object","properties":{"k":{"type":"integer"}},"required":["k"]}""");
        bool several = random.Next(2) == 0;
        AnswerShape shape = random.Next(5) switch
        {
            0 => body,
            1 => body.WithTools(tools, ToolUse.Auto, null, several),
            2 => AnswerShape.OfTools(tools, ToolUse.Required, null, several)!,
            3 => AnswerShape.OfTools(tools, ToolUse.Auto, "get", several)!,
            _ => AnswerShape.OfTools(tools, ToolUse.Auto, null, several)!,
        };
        (BpeTokenizer tokenizer, int V) = (pebble.Engine.Tokenizer, pebble.Engine.Model.Config.VocabSize);
        IAnswerConstraint answer = shape.Follow(pebble.Engine, mayThink: random.Next(2) == 0, inThought: random.Next(3) == 0);
        uint[] allowed = new uint[(V + 31) / 32];
        int[] guesses = new int[7];
        for (int step = 0; step < 40; step++)
        {
            int[] may = [.. Enumerable.Range(0, V).Where(id => answer.Try([id]) == 1)];
            answer.Try([]);
            answer.Fill(0, allowed);
            Assert.Equal(may, Enumerable.Range(0, V).Where(id => (allowed[id >> 5] >> id & 1) != 0));
            Assert.NotEmpty(may);
            Assert.True(answer.Binds(0) || may.Length == V);
            int certain = answer.Guess(guesses);
            Assert.Equal(certain, answer.Try(guesses.AsSpan(0, certain)));
            int[] marks = [.. may.Where(tokenizer.Specials.IsControl)];
            int id = marks.Length > 0 && random.Next(3) == 0 ? marks[random.Next(marks.Length)] : may[random.Next(may.Length)];
            if (pebble.Engine.StopIds.Contains(id))
            {
                return;
            }

            answer.Take(id);
        }
    }

    /// <summary>Text that is certain comes as drafts, without a drafter: fewer passes, the same tokens.</summary>
    [Fact]
    public void What_is_certain_takes_fewer_passes()
    {
        using GemmaEngine plain = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Context = 512, ImageTokens = 0, Drafter = "off" });
        using GemmaSession session = plain.NewSession(400), free = plain.NewSession(400);
        Answer expected = free.Ask("What is the capital of Japan?", PebbleEngine.Greedy);
        Answer answer = session.Ask("What is the capital of Japan?", PebbleEngine.Greedy with { Shape = AnswerShape.OfExpression("The capital of (Japan|France) is (Tokyo|Paris)\\.") });
        Assert.Equal(expected.Ids, answer.Ids);
        Assert.Equal(expected.Ids.Count - 1, expected.Stats.Steps);
        Assert.True(answer.Stats.Steps <= expected.Stats.Steps - 3, $"{answer.Stats.Steps} passes for {answer.Ids.Count} tokens");
    }

    private static AIFunctionDeclaration Strict(string name, string schema) => new StrictTool(name, JsonDocument.Parse(schema).RootElement);

    private sealed class StrictTool(string name, JsonElement schema) : AIFunctionDeclaration
    {
        public override string Name => name;

        public override string Description => "Turn on a thing.";

        public override JsonElement JsonSchema => schema;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?> { ["strict"] = true };
    }
}
