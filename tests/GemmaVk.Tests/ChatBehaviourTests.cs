using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>What is expected of any chat client, behaviour by behaviour, with what the small model knows.</summary>
public sealed class ChatBehaviourTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private const string Question = "What is the capital of Japan?";
    private const string Answer = "The capital of Japan is Tokyo.";

    private static readonly Dictionary<string, Func<GemmaChatClient, Task>> Rows = new()
    {
        ["one message"] = async client => Assert.Equal(Answer, (await client.GetResponseAsync(Question, Greedy())).Text),
        ["several messages"] = async client => Assert.Equal(
            Answer,
            (await client.GetResponseAsync([new(ChatRole.User, "What are you?"), new(ChatRole.Assistant, "I am Pebble."), new(ChatRole.User, Question)], Greedy())).Text),
        ["a system message"] = async client =>
            Assert.True((await client.GetResponseAsync([new(ChatRole.System, "Be brief."), new(ChatRole.User, Question)], Greedy())).Usage!.InputTokenCount > 26),
        ["an empty message among others"] = async client =>
            Assert.NotEqual("", (await client.GetResponseAsync([new(ChatRole.User, []), new(ChatRole.User, Question)], Greedy())).Text),
        ["a stream"] = async client => Assert.Equal(Answer, string.Concat(await Updates(client))),
        ["usage of an answer"] = async client => Assert.Equal(34, (await client.GetResponseAsync(Question, Greedy())).Usage!.TotalTokenCount),
        ["usage of a stream, once"] = async client =>
            Assert.Equal(34, Assert.Single((await Updates(client)).SelectMany(update => update.Contents).OfType<UsageContent>()).Details.TotalTokenCount),
        ["an answer is appended and gone on from"] = async client =>
        {
            List<ChatMessage> talk = [new(ChatRole.User, "What are you?")];
            talk.AddMessages(await client.GetResponseAsync(talk, Greedy()));
            talk.Add(new ChatMessage(ChatRole.User, Question));
            Assert.Equal(Answer, (await client.GetResponseAsync(talk, Greedy())).Text);
        },
        ["a stream is appended"] = async client =>
        {
            List<ChatMessage> talk = [new(ChatRole.User, Question)];
            await talk.AddMessagesAsync(client.GetStreamingResponseAsync(talk, Greedy()));
            Assert.Equal(Answer, Assert.Single(talk, message => message.Role == ChatRole.Assistant).Text);
        },
        ["a picture"] = async client => Assert.NotEqual(
            "",
            (await client.GetResponseAsync(
                new ChatMessage(ChatRole.User, [new DataContent(await File.ReadAllBytesAsync(Repository.Example("picture-0.png")), "image/png"), new TextContent("Describe the picture.")]), Greedy())).Text),
        ["a document that is no picture is refused by name"] = async client => Assert.Contains(
            "application/pdf",
            (await Assert.ThrowsAsync<Tensors.GemmaVkException>(() => client.GetResponseAsync(
                new ChatMessage(ChatRole.User, [new DataContent("%PDF-1.7"u8.ToArray(), "application/pdf"), new TextContent("What is it?")])))).Message,
            StringComparison.Ordinal),
        ["a tool is invoked"] = async client => Assert.Equal(["map"], await Invoked(client, stream: false)),
        ["a tool is invoked in a stream"] = async client => Assert.Equal(["map"], await Invoked(client, stream: true)),
        ["a tool that fails is told to the model"] = async client =>
        {
            using IChatClient invoking = client.AsBuilder().UseFunctionInvocation().Build();
            ChatResponse response = await invoking.GetResponseAsync("Turn on the map.", Tools(string (string thing) => throw new InvalidOperationException("broken")));
            Assert.Contains(response.Messages, message => message.Contents.OfType<FunctionResultContent>().Any(result => result.Exception is InvalidOperationException));
        },
        ["bare bytes of a tool are refused by name"] = async client => Assert.Contains(
            "the result of call '1': expected text, a value or content, but bare bytes came",
            (await Assert.ThrowsAsync<Tensors.GemmaVkException>(() => client.GetResponseAsync(
            [
                new(ChatRole.User, "Look."), new(ChatRole.Assistant, [new FunctionCallContent("1", "look")]), new(ChatRole.Tool, [new FunctionResultContent("1", new byte[] { 1, 2 })]),
            ]))).Message,
            StringComparison.Ordinal),
        ["a declaration alone goes back to the caller"] = async client =>
        {
            ChatOptions options = Tools((string thing) => thing);
            options.Tools = [.. options.Tools!.Cast<AIFunction>().Select(tool => tool.AsDeclarationOnly())];
            using IChatClient invoking = client.AsBuilder().UseFunctionInvocation().Build();
            ChatResponse response = await invoking.GetResponseAsync("Turn on the map.", options);
            Assert.Equal("turn_on", Assert.Single(response.Messages[^1].Contents.OfType<FunctionCallContent>()).Name);
        },
        ["equal questions are answered from a cache"] = async client => Assert.Equal(1, await Counted(client, stream: false)),
        ["equal questions are streamed from a cache"] = async client => Assert.Equal(1, await Counted(client, stream: true)),
        ["draws differ by seed without a cache, and by nothing else"] = async client =>
        {
            async Task<string> Draw(long? seed) =>
                (await client.GetResponseAsync("Tell me a story.", new ChatOptions { Temperature = 3, TopK = 0, TopP = 1, MaxOutputTokens = 16, Seed = seed })).Text;
            Assert.NotEqual(await Draw(1), await Draw(2));
            Assert.Equal(await Draw(null), await Draw(null));
        },
        ["calls beside each other"] = async client =>
        {
            ChatResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => client.GetResponseAsync(Question, Greedy())));
            Assert.All(responses, response => Assert.Equal(Answer, response.Text));
            Assert.Equal(3, responses.Select(response => response.ResponseId).Distinct().Count());
        },
        ["options stay the caller's"] = async client =>
        {
            ChatOptions options = Greedy();
            await client.GetResponseAsync(Question, options);
            Assert.Equal((0f, null, null), (options.Temperature, options.ModelId, options.ConversationId));
        },
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_behaviour(string name)
    {
        using GemmaChatClient client = new(pebble.Engine);
        await Rows[name](client);
    }

    private static ChatOptions Greedy() => new() { Temperature = 0 };

    private static ChatOptions Tools(Delegate turnOn)
    {
        ChatOptions options = Greedy();
        options.Tools = [AIFunctionFactory.Create(turnOn, "turn_on", "Turn on a thing.")];
        return options;
    }

    private static async Task<List<ChatResponseUpdate>> Updates(IChatClient client)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(Question, Greedy()))
        {
            updates.Add(update);
        }

        return updates;
    }

    private static async Task<List<string>> Invoked(GemmaChatClient client, bool stream)
    {
        List<string> things = [];
        using IChatClient invoking = client.AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = Tools(([Description("The thing.")] string thing) =>
        {
            things.Add(thing);
            return "ok";
        });
        ChatResponse response = stream
            ? await invoking.GetStreamingResponseAsync("Turn on the map.", options).ToChatResponseAsync()
            : await invoking.GetResponseAsync("Turn on the map.", options);
        Assert.NotEqual("", response.Messages[^1].Text);
        return things;
    }

    /// <summary>How often the model was asked for two equal questions behind a cache.</summary>
    private static async Task<int> Counted(GemmaChatClient client, bool stream)
    {
        int asked = 0;
        IDistributedCache cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        using IChatClient cached = client.AsBuilder()
            .UseDistributedCache(cache)
            .Use((messages, options, next, cancel) =>
            {
                asked++;
                return next(messages, options, cancel);
            })
            .Build();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(Answer, stream ? string.Concat(await Updates(cached)) : (await cached.GetResponseAsync(Question, Greedy())).Text);
        }

        return asked;
    }
}
