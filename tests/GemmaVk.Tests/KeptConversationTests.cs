using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Conversations under an id: a call brings what is new, and costs what is new.</summary>
public sealed class KeptConversationTests
{
    private static readonly ChatOptions WithTool = new()
    {
        Temperature = 0,
        Tools =
        [
            AIFunctionFactory.CreateDeclaration(
                "turn_on",
                "Turn on a thing.",
                System.Text.Json.JsonElement.Parse("""{"type": "object", "properties": {"thing": {"type": "string", "description": "The thing."}}, "required": ["thing"]}""")),
        ],
    };

    [Fact]
    public async Task Twenty_turns_with_a_tool_take_in_their_own_tokens_alone()
    {
        using GemmaEngine engine = Load(sessions: 1);
        using GemmaChatClient client = new(engine, context: 2048, conversations: 2);
        ChatOptions options = WithTool.Clone();
        List<(long Asked, long Answered)> costs = [];
        for (int turn = 0; turn < 20; turn++)
        {
            ChatResponse call = await client.GetResponseAsync("Turn on the map.", options);
            options.ConversationId = call.ConversationId;
            Assert.NotNull(options.ConversationId);
            FunctionCallContent wanted = Assert.Single(call.Messages[0].Contents.OfType<FunctionCallContent>());
            ChatMessage result = new(ChatRole.Tool, [new FunctionResultContent(wanted.CallId, new Dictionary<string, object?> { ["status"] = "ok" })]);
            ChatResponse answer = await client.GetResponseAsync([result], options);
            Assert.Equal(options.ConversationId, answer.ConversationId);
            costs.Add((New(call), New(answer)));
        }

        // The first turn has the tools before it; each later one is the same few tokens, however long the conversation has become.
        Assert.InRange(costs[0].Asked, 80, 100);
        Assert.All(costs.Skip(1), cost => Assert.Equal(costs[1], cost));
        Assert.InRange(costs[1].Asked, 10, 40);
        Assert.InRange(costs[1].Answered, 5, 40);
    }

    [Fact]
    public async Task It_is_answered_as_a_session_answers_it()
    {
        string[] questions = ["What is the capital of Japan?", "What is 47 + 85?", "Count from one to three."];
        using GemmaEngine engine = Load(sessions: 1);
        List<int> expected = [];
        using (GemmaSession session = engine.NewSession(512))
        {
            foreach (string question in questions)
            {
                expected.Add(session.Ask(question, PebbleEngine.Greedy with { System = "Be brief." }).Ids.Count);
            }
        }

        using GemmaChatClient client = new(engine, context: 512, conversations: 4);
        ChatOptions options = new() { Temperature = 0, Instructions = "Be brief." };
        ChatOptions other = new() { Temperature = 0 };
        List<int> answered = [];
        foreach (string question in questions)
        {
            ChatResponse response = await client.GetResponseAsync(question, options);
            options.ConversationId = response.ConversationId;
            answered.Add((int)response.Usage!.OutputTokenCount!);
            // With one session, another conversation takes the cache away: the same rows are taken in again.
            await client.GetResponseAsync("What are you?", other);
        }

        Assert.Equal(expected, answered);
    }

    [Fact]
    public async Task Ids_that_are_not_kept_are_refused_with_a_sentence()
    {
        using GemmaEngine engine = Load(sessions: 1);
        using GemmaChatClient none = new(engine, context: 256);
        await Refused(none, "x", "keeps no conversations");
        using GemmaChatClient client = new(engine, context: 256, conversations: 2);
        await Refused(client, "x", "one of the 0 conversations");
        ChatOptions brief = new() { Temperature = 0, MaxOutputTokens = 1 };
        string[] ids = new string[3];
        for (int i = 0; i < 3; i++)
        {
            ids[i] = (await client.GetResponseAsync("What are you?", brief)).ConversationId!;
        }

        await Refused(client, ids[0], "one of the 2 conversations");
        Assert.Equal(ids[1], (await client.GetResponseAsync("What are you?", new ChatOptions { ConversationId = ids[1], MaxOutputTokens = 1 })).ConversationId);
        // A result of a call that was not made leaves the conversation as it was.
        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(
            [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("no-call", "ok")])], new ChatOptions { ConversationId = ids[1] }));
        Assert.Contains("no-call", error.Message, StringComparison.Ordinal);
        await client.GetResponseAsync("What are you?", new ChatOptions { ConversationId = ids[1], MaxOutputTokens = 1 });

        static async Task Refused(GemmaChatClient client, string id, string says) => Assert.Contains(
            says,
            (await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync("What are you?", new ChatOptions { ConversationId = id }))).Message,
            StringComparison.Ordinal);
    }

    private static long New(ChatResponse response) => response.Usage!.InputTokenCount!.Value - response.Usage.CachedInputTokenCount!.Value;

    private static GemmaEngine Load(int sessions) =>
        GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = sessions, Context = 2048, ImageTokens = 0 });
}
