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
        using GemmaChatClient client = new(engine, context: 4096, conversations: 2);
        ChatOptions options = WithTool.Clone();
        options.MaxOutputTokens = 40;
        ChatResponse response = await client.GetResponseAsync("Turn on the map.", options);
        Assert.InRange(New(response), 80, 100);
        int calls = 0;
        for (int turn = 0; turn < 20; turn++)
        {
            Assert.Equal(options.ConversationId ??= response.ConversationId, response.ConversationId);
            // The small model calls where it was taught to; after the rest it is asked again.
            FunctionCallContent? call = response.Messages[0].Contents.OfType<FunctionCallContent>().FirstOrDefault();
            ChatMessage next = call is null
                ? new(ChatRole.User, "Turn on the map.")
                : new(ChatRole.Tool, [new FunctionResultContent(call.CallId, new Dictionary<string, object?> { ["status"] = "ok" })]);
            calls += call is null ? 0 : 1;
            long before = response.Usage!.TotalTokenCount!.Value;
            response = await client.GetResponseAsync([next], options);
            // Whatever was said before is in the cache but for its last token, which no pass had taken in, and what closes the turn.
            Assert.InRange(response.Usage!.CachedInputTokenCount!.Value, before - 2, before);
            Assert.InRange(New(response), 5, 30);
        }

        Assert.InRange(calls, 1, 20);
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
        GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = sessions, Context = 4096, ImageTokens = 0 });
}
