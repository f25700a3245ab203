using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using Xunit;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk.Tests;

/// <summary>Everything that a message of the interface may hold: it reaches the model, or is refused in a sentence that is true.</summary>
public sealed class ChatContentTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private static readonly ChatOptions Short = new() { Temperature = 0, MaxOutputTokens = 2 };
    private static readonly byte[] Picture = File.ReadAllBytes(Repository.Example("picture-0.png"));

    [Fact]
    public async Task A_picture_and_text_in_a_tool_result_reach_the_model()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatMessage[] Asked(object? result) =>
        [
            new(ChatRole.User, "Look."), new(ChatRole.Assistant, [new FunctionCallContent("1", "look")]), new(ChatRole.Tool, [new FunctionResultContent("1", result)]),
        ];
        async Task<long> Tokens(object? result) => (await client.GetResponseAsync(Asked(result), Short)).Usage!.InputTokenCount!.Value;

        DataContent picture = new(Picture, "image/png");
        long words = await Tokens("seen");
        Assert.Equal(words, await Tokens(new TextContent("seen")));
        Assert.Equal(words, await Tokens(new AIContent[] { new TextContent("seen") }));
        Assert.Equal(words, await Tokens(new object[] { new TextContent("se"), new TextContent("en") }));
        long seen = await Tokens(new List<AIContent> { new TextContent("seen"), picture });
        Assert.InRange(seen - words, 20, 80);
        Assert.Equal(seen, await Tokens(new AIContent[] { picture, new TextContent("seen") }));
        Assert.Equal(seen, await Tokens(new AIContent[] { new TextContent("seen"), new UriContent(new Uri(Repository.Example("picture-0.png")), "image/png") }));
        Assert.True(await Tokens(picture) > words);
        Assert.True(await Tokens(new object[] { 1, "two" }) > 0);
    }

    [Fact]
    public async Task A_picture_beside_words_or_written_as_JSON_reaches_the_model_too()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatMessage[] Asked(object? result) =>
        [
            new(ChatRole.User, "Look."), new(ChatRole.Assistant, [new FunctionCallContent("1", "look")]), new(ChatRole.Tool, [new FunctionResultContent("1", result)]),
        ];
        async Task<long> Tokens(object? result) => (await client.GetResponseAsync(Asked(result), Short)).Usage!.InputTokenCount!.Value;

        DataContent picture = new(Picture, "image/png");
        long seen = await Tokens(new AIContent[] { new TextContent("seen"), picture });
        Assert.Equal(seen, await Tokens(new object?[] { "seen", null, picture }));
        Assert.Equal(seen, await Tokens(new List<object> { "seen", picture }));
        Assert.Equal(seen, await Tokens(JsonSerializer.SerializeToElement<object[]>(["seen", picture], AIJsonUtilities.DefaultOptions)));
        Assert.Equal(seen, await Tokens(JsonSerializer.SerializeToElement<IList<AIContent>>([new TextContent("seen"), picture], AIJsonUtilities.DefaultOptions)));
        Assert.Equal(await Tokens(picture), await Tokens(JsonSerializer.SerializeToElement<AIContent>(picture, AIJsonUtilities.DefaultOptions)));
        foreach (object hidden in (object[])[new Dictionary<string, object?> { ["a"] = new object[] { picture } }, new ChatMessage(ChatRole.User, [picture])])
        {
            await Refused("a picture, sound or clip stands among them", Asked(hidden));
        }

        await Refused("a picture, sound or clip stands among them", new(ChatRole.User, "x"), new(ChatRole.Assistant, [new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["a"] = picture })]));
    }

    [Fact]
    public async Task A_result_is_read_once_and_a_bad_one_is_a_sentence()
    {
        ChatMessage[] Asked(object? result) => [new(ChatRole.Assistant, [new FunctionCallContent("1", "f")]), new(ChatRole.Tool, [new FunctionResultContent("1", result)])];
        int times = 0;
        IEnumerable<object> Sequence(bool fails)
        {
            times++;
            yield return "a";
            if (fails)
            {
                throw new InvalidOperationException("broke");
            }
        }

        Conversation conversation = new(_ => []);
        foreach (ChatMessage message in Asked(Sequence(fails: false)))
        {
            conversation.Add(message);
        }

        Assert.Equal(1, times);
        Assert.Equal(["a"], conversation.Messages[^1].Result!.Value.EnumerateArray().Select(item => item.GetString()));
        await Refused("reading it failed: broke", Asked(Sequence(fails: true)));

        JsonDocument disposed = JsonDocument.Parse("{}");
        JsonElement gone = disposed.RootElement;
        disposed.Dispose();
        await Refused("the result of call '1'", Asked(gone));
        await Refused("an empty JsonElement came", Asked(default(JsonElement)));
        await Refused("nested deeper than 64 levels", Asked(System.Text.Json.Nodes.JsonNode.Parse(new string('[', 90) + new string(']', 90), null, new JsonDocumentOptions { MaxDepth = 100 })));
    }

    [Fact]
    public void A_role_is_the_same_in_capitals_and_words_of_a_user_stand_behind_results()
    {
        Conversation conversation = new(_ => []);
        conversation.Add(new(new ChatRole("System"), "a"));
        conversation.Add(new(new ChatRole("Assistant"), [new FunctionCallContent("1", "f")]));
        conversation.Add(new(new ChatRole("USER"), [new TextContent("and"), new FunctionResultContent("1", "r")]));
        conversation.Add(new(new ChatRole("narrator"), "b"));
        Assert.Equal(["system", "assistant", "tool", "user", "narrator"], conversation.Messages.Select(message => message.Role));
        Assert.Contains("one has none", Assert.Throws<GemmaVkException>(() => conversation.Add(new(default, "x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_could_only_be_passed_over_are_refused()
    {
        using GemmaChatClient client = new(pebble.Engine);
        foreach ((ChatOptions options, string says) in ((ChatOptions, string)[])[(new() { Tools = [null!] }, "ChatOptions.Tools"), (new() { ConversationId = "x" }, "ChatOptions.ConversationId")])
        {
            Assert.StartsWith(says, (await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync("x", options))).Message, StringComparison.Ordinal);
        }

        Uri data = new("data:image/png;base64," + new string('A', 4000));
        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync([new(ChatRole.User, [new UriContent(data, "image/png")])]));
        Assert.Contains("as DataContent", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 100, 500);
        Assert.Throws<ArgumentNullException>(() => MessagePart.Image(null!));
    }

    [Fact]
    public void Parts_of_a_tool_result_keep_their_kind()
    {
        Conversation conversation = new(_ => [MessagePart.Sound(new float[640])]);
        conversation.Add(new(ChatRole.Assistant, [new FunctionCallContent("1", "hear"), new FunctionCallContent("2", "read")]));
        conversation.Add(new(ChatRole.Tool, [new FunctionResultContent("1", new AIContent[] { new TextContent("a"), new DataContent(new byte[] { 1 }, "audio/wav"), new ErrorContent("b") })]));
        conversation.Add(new(ChatRole.Tool, [new FunctionResultContent("2", null) { Exception = new InvalidOperationException("broke") }]));
        Assert.Equal(["assistant", "tool", "tool"], conversation.Messages.Select(message => message.Role));
        Assert.Equal([ChatPartKind.Text, ChatPartKind.Audio, ChatPartKind.Text], conversation.Messages[1].Parts!.Select(part => part.Kind));
        Assert.Equal("Error: broke", conversation.Messages[2].Text);
        Assert.Single(conversation.Media);
    }

    [Fact]
    public async Task What_JSON_cannot_write_is_a_sentence()
    {
        object deep = 1;
        for (int i = 0; i < 70; i++)
        {
            deep = new Dictionary<string, object?> { ["a"] = deep };
        }

        foreach ((object value, string why) in ((object, string)[])
            [
                (double.NaN, "NaN or infinite"), (float.NegativeInfinity, "NaN or infinite"), (new[] { 1.0, double.PositiveInfinity }, "NaN or infinite"),
                (deep, "nested deeper than 64 levels"), ((Action)(() => { }), "that JSON cannot write"),
                (JsonElement.Parse("{\"\\ud800\":1}"), "that JSON cannot write"),
            ])
        {
            FunctionCallContent call = new("1", "f", new Dictionary<string, object?> { ["x"] = value });
            await Refused(why, new(ChatRole.User, "x"), new(ChatRole.Assistant, [call]));
            if (value is not JsonElement)
            {
                await Refused(why, new(ChatRole.Assistant, [new FunctionCallContent("1", "f")]), new(ChatRole.Tool, [new FunctionResultContent("1", value)]));
            }
        }
    }

    [Fact]
    public async Task A_picture_where_none_can_stand_is_a_sentence()
    {
        DataContent picture = new(Picture, "image/png");
        await Refused("a system message holds a picture", new(ChatRole.System, [new TextContent("x"), picture]), new(ChatRole.User, "x"));
        await Refused("a developer message holds a picture", new(new ChatRole("developer"), [picture]), new(ChatRole.User, "x"));
        await Refused("a message that calls tools holds a picture", new(ChatRole.User, "x"), new(ChatRole.Assistant, [picture, new FunctionCallContent("1", "f")]));
    }

    [Fact]
    public async Task A_result_without_its_call_is_a_sentence()
    {
        ChatMessage result = new(ChatRole.Tool, [new FunctionResultContent("1", "x")]);
        await Refused("the result of call '1': expected behind a message of the assistant that makes the call", new(ChatRole.User, "x"), result);
        await Refused("the result of call '1'", result);
        await Refused("expected one of the calls before it ('2', '3')", new(ChatRole.Assistant, [new FunctionCallContent("2", "f"), new FunctionCallContent("3", "g")]), result);
        await Refused("a message of a tool without a function result", new(ChatRole.User, "x"), new(ChatRole.Tool, "words"));
        await Refused("behind a message of the assistant", new(ChatRole.Assistant, [new FunctionCallContent("1", "f")]), new(ChatRole.User, "and"), result);
        Assert.NotNull(await Answer(new(ChatRole.Assistant, [new FunctionCallContent("1", "f")]), new(ChatRole.Tool, "words")));
    }

    [Fact]
    public async Task No_content_throws_anything_but_a_sentence()
    {
        AIContent[] taken =
        [
            new TextContent(null), new TextContent(""), new TextContent("\ud800"), new TextReasoningContent(null), new UsageContent(), new ErrorContent(null), new ErrorContent("x"),
            new DataContent(Picture, "image/png"), new DataContent(Picture, "IMAGE/PNG"), new FunctionCallContent("", ""), new FunctionCallContent("1", "a}b\n<turn|>"),
        ];
        AIContent?[] refused =
        [
            null, new MediaContent(null!), new UriContent(new Uri("http://example.invalid/a.png"), "image/png"), new UriContent(new Uri("https://example.invalid/"), "text/html"),
            new UriContent(new Uri("data:image/png;base64,AAAA"), "image/png"), new UriContent(new Uri("file://server/share/a.png"), "image/png"),
            new UriContent(new Uri("file:///no/such/file.png"), "image/png"), new UriContent(new Uri("file:///tmp/a%00b.png"), "image/png"), new UriContent(new Uri("file:///"), "image/png"),
            new DataContent(Array.Empty<byte>(), "image/png"), new DataContent(new byte[] { 1, 2, 3 }, "image/png"), new DataContent(new byte[] { 1 }, "application/pdf"),
            new DataContent(new byte[] { 1 }, "audio/wav"), new DataContent(new byte[] { 1 }, "video/mp4"), new DataContent("data:text/plain;base64,AAAA"),
            new HostedFileContent("id"), new HostedVectorStoreContent("id"), new AIContent(), new FunctionResultContent("1", null),
        ];
        foreach (ChatRole role in (ChatRole[])[ChatRole.User, ChatRole.Assistant, ChatRole.System, new("narrator"), new("line\nbreak<turn|>")])
        {
            foreach (AIContent content in taken.Where(content => role == ChatRole.User || content is not DataContent))
            {
                Assert.NotNull(await Answer(new(role, [content]), new(ChatRole.User, "x")));
            }

            foreach (AIContent? content in refused)
            {
                await Refused("", new(role, [content!]), new(ChatRole.User, "x"));
            }
        }

        await Refused("one is null", [null!]);
        Assert.NotNull(await Answer(new ChatMessage(ChatRole.User, (string?)null)));
        Assert.NotNull(await Answer(new ChatMessage(ChatRole.User, new List<AIContent>())));
        Assert.NotNull(await Answer());
    }

    [Fact]
    public async Task Half_a_character_in_a_tool_is_a_sentence()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = new() { Tools = [AIFunctionFactory.CreateDeclaration("f", "d", JsonElement.Parse("""{"type":"object","properties":{"\ud800":{"type":"string"}}}"""))] };
        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync("x", options));
        Assert.StartsWith("tool f: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e-30f)]
    [InlineData(1e-45f)]
    public async Task A_temperature_that_nothing_can_be_drawn_with_is_a_sentence(float temperature)
    {
        using GemmaChatClient client = new(pebble.Engine);
        Assert.Contains("Temperature", (await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync("x", new ChatOptions { Temperature = temperature }))).Message, StringComparison.Ordinal);
        using GemmaSession session = pebble.Engine.NewSession(256);
        foreach (DrawOptions draw in (DrawOptions[])[new(temperature), new(1, TopP: float.NaN), new(1, MinP: float.NaN), new(1, TopK: -1), new(1, TopP: 0)])
        {
            Assert.Contains("expected", Assert.Throws<GemmaVkException>(() => session.Ask("x", new AskOptions { Draw = draw })).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_call_that_was_cut_off_is_in_the_answer()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = new()
        {
            Temperature = 0,
            MaxOutputTokens = 8,
            Tools =
            [
                AIFunctionFactory.CreateDeclaration(
                    "turn_on", "Turn on a thing.", JsonElement.Parse("""{"type":"object","properties":{"thing":{"type":"string","description":"The thing."}},"required":["thing"]}""")),
            ],
        };
        ChatResponse response = await client.GetResponseAsync("Turn on the map.", options);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        string text = response.Text;
        Assert.StartsWith("call:turn_on", text, StringComparison.Ordinal);
        AIContent[] contents = [.. response.Messages.SelectMany(message => message.Contents)];
        Assert.DoesNotContain(contents, content => content is FunctionCallContent);
        ErrorContent error = Assert.Single(contents.OfType<ErrorContent>());
        Assert.Equal((GemmaChatClient.UnreadCall, text), (error.ErrorCode, error.Details));
        Assert.Equal([text], Assert.IsType<string[]>(response.Messages[^1].AdditionalProperties![GemmaChatClient.UnreadCall]));

        // The whole answer may be sent back as it came.
        Assert.NotNull(await Answer([new(ChatRole.User, "x"), .. response.Messages, new(ChatRole.User, "y")]));
    }

    private async Task<string> Answer(params ChatMessage[] messages)
    {
        using GemmaChatClient client = new(pebble.Engine);
        return (await client.GetResponseAsync(messages, Short)).Text;
    }

    private async Task Refused(string words, params ChatMessage[] messages)
    {
        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => Answer(messages));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }
}
