using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FsCheck.Xunit;
using GemmaVk.Grammar;
using GemmaVk.Tensors;
using Json.Schema;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>
/// No answer that is called complete violates its schema: random schemas on a model at a temperature at which it talks nonsense, with drafts and
/// without, one to four at a time, some of them cancelled. Another library is the judge.
/// </summary>
public sealed class StructuredAnswerTests : IDisposable
{
    private readonly GemmaEngine _drafting = Load("auto");
    private readonly GemmaEngine _plain = Load("off");
    private readonly GemmaChatClient _fast;
    private readonly GemmaChatClient _slow;

    public StructuredAnswerTests()
    {
        Assert.NotNull(_drafting.Drafter);
        Assert.Null(_plain.Drafter);
        (_fast, _slow) = (new GemmaChatClient(_drafting, 1536), new GemmaChatClient(_plain, 1536));
    }

    public void Dispose()
    {
        _fast.Dispose();
        _slow.Dispose();
        _drafting.Dispose();
        _plain.Dispose();
    }

    [Property(MaxTest = 6)]
    public void What_is_complete_fits_its_schema(Seed seed) => Answered(seed).Wait();

    [Fact]
    public async Task Many_answers_are_completed()
    {
        int completed = 0;
        for (int seed = 0; seed < 8; seed++)
        {
            completed += await Answered(new Seed(seed));
        }

        Assert.True(completed > 8, $"{completed} answers were complete");
    }

    [Property(MaxTest = 5)]
    public void Arguments_of_calls_fit_the_tool_they_name(Seed seed) => Called(seed).Wait();

    [Fact]
    public async Task Many_calls_are_completed()
    {
        int completed = 0;
        for (int seed = 0; seed < 8; seed++)
        {
            completed += await Called(new Seed(seed));
        }

        Assert.True(completed > 1, $"{completed} calls were complete");
    }

    /// <summary>How many of one to four answers side by side were complete.</summary>
    private async Task<int> Answered(Seed seed)
    {
        Random random = new(seed);
        Asked[] all = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(user => new Asked(RandomSchema.Of(random).ToJsonString(), random.Next(1000), random.Next(4) == 0 ? random.Next(1, 30) : 0, random.Next(4) == 0))];
        all = [.. all.Where(asked => CanBeHeld(() => TextGrammar.OfSchema(asked.Schema)))];
        ChatOptions Options(Asked asked) => new()
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse(asked.Schema).RootElement),
            Temperature = 1.5f,
            Seed = asked.Seed,
            MaxOutputTokens = 100,
            Reasoning = asked.Thinks ? new ReasoningOptions { Effort = ReasoningEffort.Low } : null,
        };
        ChatResponse?[] fast = await Task.WhenAll(all.Select(asked => Ask(_fast, asked, Options(asked))));
        ChatResponse?[] slow = await Task.WhenAll(all.Select(asked => Ask(_slow, asked, Options(asked))));
        int completed = 0;
        foreach ((Asked asked, ChatResponse? drafted, ChatResponse? plain) in all.Zip(fast, slow))
        {
            if (drafted is null || plain is null)
            {
                continue;
            }

            Assert.Equal(plain.Text, drafted.Text);
            Assert.Equal(plain.FinishReason, drafted.FinishReason);
            Assert.True(drafted.FinishReason == ChatFinishReason.Stop || drafted.FinishReason == ChatFinishReason.Length);
            if (drafted.FinishReason == ChatFinishReason.Stop)
            {
                completed++;
                using JsonDocument value = JsonDocument.Parse(drafted.Text);
                Assert.True(Fits(asked.Schema, value.RootElement), $"{asked.Schema} must not have let {drafted.Text} through");
            }
        }

        return completed;
    }

    private async Task<int> Called(Seed seed)
    {
        Random random = new(seed);
        Dictionary<string, string> schemas = Enumerable.Range(0, 1 + random.Next(3)).ToDictionary(i => ((string[])["get", "get_more", "set"])[i], _ => RandomSchema.Object(random, 1).ToJsonString());
        if (!CanBeHeld(() => TextGrammar.OfCalls(schemas.Select(tool => new CallSchema(tool.Key, JsonDocument.Parse(tool.Value).RootElement)))))
        {
            return 0;
        }

        AITool[] tools = [.. schemas.Select(tool => AIFunctionFactory.CreateDeclaration(tool.Key, "Does it.", JsonDocument.Parse(tool.Value).RootElement))];
        ChatToolMode mode = random.Next(2) == 0 ? ChatToolMode.RequireAny : ChatToolMode.RequireSpecific("get");
        bool several = random.Next(2) == 0;
        Asked[] all = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => new Asked("", random.Next(1000), random.Next(4) == 0 ? random.Next(1, 10) : 0, random.Next(4) == 0))];
        ChatOptions Options(Asked asked) => new()
        {
            Tools = tools,
            ToolMode = mode,
            AllowMultipleToolCalls = several,
            Temperature = 1.5f,
            Seed = asked.Seed,
            MaxOutputTokens = 120,
            Reasoning = asked.Thinks ? new ReasoningOptions { Effort = ReasoningEffort.Low } : null,
        };
        ChatResponse?[] fast = await Task.WhenAll(all.Select(asked => Ask(_fast, asked, Options(asked))));
        ChatResponse?[] slow = await Task.WhenAll(all.Select(asked => Ask(_slow, asked, Options(asked))));
        int completed = 0;
        foreach ((ChatResponse? drafted, ChatResponse? plain) in fast.Zip(slow))
        {
            if (drafted is null || plain is null)
            {
                continue;
            }

            FunctionCallContent[] calls = [.. drafted.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
            Assert.Equal(calls.Select(Written), plain.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(Written));
            Assert.True(drafted.FinishReason == ChatFinishReason.ToolCalls || drafted.FinishReason == ChatFinishReason.Length, $"{drafted.FinishReason}");
            Assert.True(drafted.FinishReason != ChatFinishReason.ToolCalls || drafted.Text.Length == 0, $"a text beside required calls: {drafted.Text}");
            Assert.True(several || calls.Length <= 1);
            foreach (FunctionCallContent call in calls)
            {
                completed++;
                Assert.True(mode == ChatToolMode.RequireAny || call.Name == "get");
                JsonElement arguments = JsonSerializer.SerializeToElement(call.Arguments);
                Assert.True(Fits(schemas[call.Name], arguments), $"{schemas[call.Name]} must not have let {arguments} through");
            }
        }

        return completed;
    }

    private static string Written(FunctionCallContent call) => $"{call.Name} {JsonSerializer.Serialize(call.Arguments)}";

    private static bool Fits(string schema, JsonElement value) => JsonSchema.FromText(schema).Evaluate(value, new EvaluationOptions { RequireFormatValidation = true }).IsValid;

    /// <summary>Nothing fits some schemas, and some combine to too much: they are refused, and nothing is written.</summary>
    private static bool CanBeHeld(Func<TextGrammar> build)
    {
        try
        {
            build();
            return true;
        }
        catch (GrammarException)
        {
            return false;
        }
    }

    /// <summary>The answer, or null where it was cancelled.</summary>
    private static async Task<ChatResponse?> Ask(GemmaChatClient client, Asked asked, ChatOptions options)
    {
        using CancellationTokenSource cancel = new();
        List<ChatResponseUpdate> updates = [];
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Write something.", options, cancel.Token))
            {
                updates.Add(update);
                if (updates.Count == asked.CancelAfter)
                {
                    await cancel.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        return updates.ToChatResponse();
    }

    private static GemmaEngine Load(string drafter) =>
        GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = 4, Context = 1536, ImageTokens = 0, Drafter = drafter });

    /// <summary>A question with a schema.</summary>
    private sealed record Asked(string Schema, int Seed, int CancelAfter, bool Thinks);
}
