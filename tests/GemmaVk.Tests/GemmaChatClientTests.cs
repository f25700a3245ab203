using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

public sealed class GemmaChatClientTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private static readonly ChatOptions Greedy = new() { Temperature = 0 };

    [Fact]
    public async Task An_answer_comes_with_usage_and_reason()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatResponse response = await client.GetResponseAsync("What is the capital of Japan?", Greedy);
        Assert.Equal("The capital of Japan is Tokyo.", response.Text);
        Assert.Equal(ChatRole.Assistant, Assert.Single(response.Messages).Role);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((26L, 8L, 34L), (response.Usage!.InputTokenCount!.Value, response.Usage.OutputTokenCount!.Value, response.Usage.TotalTokenCount!.Value));
        Assert.Equal(0, response.Usage.CachedInputTokenCount);
    }

    [Fact]
    public async Task Streaming_gives_the_same_in_pieces()
    {
        using GemmaChatClient client = new(pebble.Engine);
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("What are you?", Greedy))
        {
            updates.Add(update);
        }

        Assert.True(updates.Count > 5);
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        Assert.Equal("I am Pebble, a tiny model with the shape of Gemma 4 12B.", updates.ToChatResponse().Text);
    }

    [Fact]
    public async Task Reasoning_is_on_request_and_apart_from_the_answer()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = Greedy.Clone();
        options.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Medium };
        ChatResponse response = await client.GetResponseAsync("What is 47 + 85?", options);
        Assert.Equal("132", response.Text);
        Assert.Contains("write 2, carry 1", Assert.Single(response.Messages[0].Contents.OfType<TextReasoningContent>()).Text, StringComparison.Ordinal);

        options.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Medium, Output = ReasoningOutput.None };
        response = await client.GetResponseAsync("What is 47 + 85?", options);
        Assert.Equal("132", response.Text);
        Assert.Empty(response.Messages[0].Contents.OfType<TextReasoningContent>());
    }

    [Fact]
    public async Task An_offered_tool_is_called_and_its_result_understood()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = Greedy.Clone();
        options.Tools = [Tool("turn_on", "Turn on a thing.", "thing", "The thing.")];
        List<ChatMessage> talk = [new(ChatRole.User, "Turn on the map.")];
        ChatResponse response = await client.GetResponseAsync(talk, options);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal(90, response.Usage!.InputTokenCount);
        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal("turn_on", call.Name);
        Assert.Equal("map", call.Arguments!["thing"]!.ToString());

        talk.AddMessages(response);
        talk.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, new Dictionary<string, object?> { ["status"] = "ok" })]));
        response = await client.GetResponseAsync(talk, options);
        // Everything before the model's turn is in the cache; the turn itself is written without its empty thought now.
        Assert.InRange(response.Usage!.CachedInputTokenCount!.Value, 80, 90);
        Assert.NotEqual("", response.Text);
    }

    [Fact]
    public async Task Tool_mode_none_offers_no_tools()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = Greedy.Clone();
        options.Tools = [Tool("turn_on", "Turn on a thing.", "thing", "The thing.")];
        options.ToolMode = ChatToolMode.None;
        ChatResponse response = await client.GetResponseAsync("What is the capital of Japan?", options);
        Assert.Equal(26, response.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task Options_reach_the_engine()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = new() { Temperature = 3, TopK = 0, TopP = 1, Seed = 4, MaxOutputTokens = 12, Instructions = "Be brief." };
        ChatResponse first = await client.GetResponseAsync("Tell me a story.", options);
        ChatResponse again = await client.GetResponseAsync("Tell me a story.", options);
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(12, first.Usage!.OutputTokenCount);
        Assert.Equal(ChatFinishReason.Length, first.FinishReason);
        options.Seed = 5;
        Assert.NotEqual(first.Text, (await client.GetResponseAsync("Tell me a story.", options)).Text);

        ChatResponse bare = await client.GetResponseAsync("Tell me a story.", new ChatOptions { MaxOutputTokens = 1 });
        Assert.True(first.Usage.InputTokenCount > bare.Usage!.InputTokenCount + 3);
    }

    [Fact]
    public async Task A_stop_sequence_ends_the_answer_before_it()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = Greedy.Clone();
        options.StopSequences = ["tiny", "never"];
        ChatResponse response = await client.GetResponseAsync("What are you?", options);
        Assert.Equal("I am Pebble, a ", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("The capital of Japan is Tokyo.", (await client.GetResponseAsync("What is the capital of Japan?", Greedy)).Text);
    }

    [Fact]
    public async Task Cancelling_ends_the_answer_and_the_client_can_go_on()
    {
        using GemmaChatClient client = new(pebble.Engine);
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("What are you?", Greedy, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
        Assert.Equal("The capital of Japan is Tokyo.", (await client.GetResponseAsync("What is the capital of Japan?", Greedy)).Text);
    }

    [Fact]
    public async Task A_stream_may_be_left_early()
    {
        using GemmaChatClient client = new(pebble.Engine);
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("What are you?", Greedy))
        {
            break;
        }

        Assert.Equal("The capital of Japan is Tokyo.", (await client.GetResponseAsync("What is the capital of Japan?", Greedy)).Text);
    }

    [Fact]
    public async Task Two_callers_take_turns()
    {
        using GemmaChatClient client = new(pebble.Engine);
        Task<ChatResponse> one = client.GetResponseAsync("What is the capital of Japan?", Greedy);
        Task<ChatResponse> two = client.GetResponseAsync("Count from one to three.", Greedy);
        Assert.Equal("The capital of Japan is Tokyo.", (await one).Text);
        Assert.Equal("one two three.", (await two).Text);
    }

    [Fact]
    public async Task What_cannot_be_honoured_is_refused_by_name()
    {
        using GemmaChatClient client = new(pebble.Engine);
        (ChatOptions Options, string Name)[] cases =
        [
            (new() { StopSequences = [""] }, "StopSequences"),
            (new() { StopSequences = [.. Enumerable.Range(0, 17).Select(i => $"{i}")] }, "StopSequences"),
            (new() { StopSequences = ["x"], ResponseFormat = ChatResponseFormat.Json }, "StopSequences"),
            (new() { FrequencyPenalty = 2.1f }, "FrequencyPenalty"),
            (new() { PresencePenalty = -3 }, "PresencePenalty"),
            (new() { ToolMode = ChatToolMode.RequireAny }, "ToolMode"),
            (new() { ToolMode = ChatToolMode.RequireSpecific("go"), Tools = [Tool("turn_on", "", "thing", "")] }, "ToolMode"),
            (new() { MaxOutputTokens = 0 }, "MaxOutputTokens"),
            (new() { Temperature = -1 }, "Temperature"),
            (new() { TopP = 0 }, "TopP"),
            (new() { TopK = -1 }, "TopK"),
        ];
        foreach ((ChatOptions options, string name) in cases)
        {
            GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync("hi", options));
            Assert.StartsWith($"ChatOptions.{name}: expected", error.Message, StringComparison.Ordinal);
        }

        ChatMessage picture = new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);
        GemmaVkException refused = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(picture));
        Assert.Contains("content of type image/png must be", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_are_found_by_type()
    {
        using GemmaChatClient client = new(pebble.Engine);
        Assert.Same(pebble.Engine, client.GetService(typeof(GemmaEngine)));
        Assert.Same(client, client.GetService(typeof(IChatClient)));
        Assert.Equal("gemmavk", client.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Null(client.GetService(typeof(string)));
        Assert.Null(client.GetService(typeof(GemmaEngine), "key"));
    }

    private static AIFunctionDeclaration Tool(string name, string description, string parameter, string meaning) => AIFunctionFactory.CreateDeclaration(
        name,
        description,
        JsonDocument.Parse($$$"""{"type":"object","properties":{"{{{parameter}}}":{"type":"string","description":"{{{meaning}}}"}},"required":["{{{parameter}}}"]}""").RootElement);
}
