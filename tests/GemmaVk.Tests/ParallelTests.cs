using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Calls at the same time: the same answers as alone, and nothing stays behind of those that are abandoned.</summary>
public sealed class ParallelTests
{
    private static readonly string[] Questions = ["What is the capital of Japan?", "What are you?", "What is 4 + 5?", "What is the capital of France?"];

    [Fact]
    public async Task Calls_from_several_threads_get_the_answers_they_get_alone()
    {
        using GemmaEngine engine = Load(sessions: 3);
        string[] alone = new string[Questions.Length];
        using (GemmaChatClient client = new(engine, context: 512))
        {
            for (int i = 0; i < alone.Length; i++)
            {
                alone[i] = (await client.GetResponseAsync(Questions[i], Drawn(i))).Text;
            }
        }

        using GemmaChatClient busy = new(engine, context: 512);
        ChatResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => busy.GetResponseAsync(Questions[i % 4], Drawn(i % 4)))));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => alone[i % 4]), answers.Select(answer => answer.Text));
    }

    [Fact]
    public async Task A_conversation_finds_its_own_session_among_others()
    {
        using GemmaEngine engine = Load(sessions: 3);
        using GemmaChatClient client = new(engine, context: 512);
        List<ChatMessage>[] talks = [.. Questions.Take(3).Select(question => new List<ChatMessage> { new(ChatRole.User, question) })];
        for (int turn = 0; turn < 3; turn++)
        {
            ChatResponse[] answers = await Task.WhenAll(talks.Select(talk => client.GetResponseAsync(talk, Drawn(0))));
            for (int i = 0; i < talks.Length; i++)
            {
                // All of the turns before but the empty thought that stood in front of the answer, and what follows it.
                Assert.True(turn == 0 || answers[i].Usage!.CachedInputTokenCount > 10, $"turn {turn} of conversation {i} had {answers[i].Usage!.CachedInputTokenCount} tokens in a cache");
                talks[i].AddMessages(answers[i]);
                talks[i].Add(new(ChatRole.User, Questions[(i + turn + 1) % 4]));
            }
        }
    }

    [Fact]
    public async Task A_system_text_is_taken_in_once_for_all_but_for_callers_kept_apart()
    {
        using GemmaEngine engine = Load(sessions: 2);
        string system = string.Concat(Enumerable.Repeat("Be brief and kind. ", 12));
        using GemmaChatClient client = new(engine, context: 512);
        async Task<(long? Cached, string Text)> Ask(string question, string? salt)
        {
            ChatOptions options = Drawn(0);
            options.Instructions = system;
            options.MaxOutputTokens = 12;
            options.AdditionalProperties = salt is null ? null : new() { [GemmaChatClient.CacheSalt] = salt };
            ChatResponse response = await client.GetResponseAsync(question, options);
            return (response.Usage!.CachedInputTokenCount, response.Text);
        }

        (long? first, string text) = await Ask(Questions[0], null);
        Assert.Equal(0, first);
        await Ask(Questions[1], "other");
        // Another caller's session is free, and what it holds is not for this one.
        Assert.Equal(0, (await Ask(Questions[2], "third")).Cached);
        (long? again, string same) = await Ask(Questions[0], null);
        Assert.InRange(again!.Value, 50, 400);
        Assert.Equal(text, same);
        Assert.Contains("expected a text", (await Assert.ThrowsAsync<GemmaVk.Tensors.GemmaVkException>(() => client.GetResponseAsync(
            "x", new ChatOptions { AdditionalProperties = new() { [GemmaChatClient.CacheSalt] = 5 } }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callers_that_go_away_leave_nothing_behind()
    {
        using GemmaEngine engine = Load(sessions: 4);
        using GemmaChatClient client = new(engine, context: 512);
        string expected = (await client.GetResponseAsync(Questions[0], Drawn(0))).Text;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => client.GetResponseAsync(Questions[i], Drawn(i))));
        long held = engine.Backend.Ledger.HeldBytes;
        (int threads, int files) = Taken();
        Random random = new(1);
        (int Tokens, bool Cancels)[] plans = [.. Enumerable.Range(0, 64).Select(i => (i % 16 == 0 ? int.MaxValue : random.Next(0, 6), random.Next(2) == 0))];
        string?[] answers = await Task.WhenAll(plans.Select((plan, i) => Task.Run(async () =>
        {
            using CancellationTokenSource cancel = new();
            int left = plan.Tokens;
            if (left == 0)
            {
                await cancel.CancelAsync();
            }

            string text = "";
            try
            {
                await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(Questions[0], Drawn(0), cancel.Token))
                {
                    text += update.Text;
                    if (--left <= 0 && plan.Cancels)
                    {
                        await cancel.CancelAsync();
                    }
                    else if (left <= 0)
                    {
                        return null;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            return text;
        })));
        Assert.Equal(4, answers.Count(answer => answer == expected));
        Assert.All(plans.Zip(answers).Where(pair => pair.First.Tokens == int.MaxValue), pair => Assert.Equal(expected, pair.Second));
        Assert.Equal(held, engine.Backend.Ledger.HeldBytes);
        Assert.Equal((0, 0), engine.Batch.Load);
        Assert.InRange(engine.Prefixes!.HeldBytes, 0, engine.Prefixes.Bytes);
        (int threadsAfter, int filesAfter) = Taken();
        // Threads of the pool come and go.
        Assert.InRange(threadsAfter, 0, threads + 32);
        Assert.InRange(filesAfter, 0, files + 2);
        Assert.Equal(expected, (await client.GetResponseAsync(Questions[0], Drawn(0))).Text);
    }

    private static GemmaEngine Load(int sessions) =>
        GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = sessions, Context = 512, ImageTokens = 0 });

    /// <summary>Threads of the process and, where they can be counted, its open files.</summary>
    private static (int Threads, int Files) Taken()
    {
        using Process process = Process.GetCurrentProcess();
        return (process.Threads.Count, Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0);
    }

    /// <summary>Greedy or drawn, with a seed of its own.</summary>
    private static ChatOptions Drawn(int seed) => new() { Temperature = seed % 2 == 0 ? 0 : 0.7f, Seed = seed };
}
