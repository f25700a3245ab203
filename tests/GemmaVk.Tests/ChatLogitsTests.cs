using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using Xunit;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk.Tests;

/// <summary>Log-probabilities, biases, penalties, counts and single calls at the faces of the engine.</summary>
public sealed class ChatLogitsTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private const string Question = "What is the capital of Japan?";
    private const string Tokyo = "The capital of Japan is Tokyo.";

    private static readonly JsonElement Ok = JsonElement.Parse("""{"status": "ok"}""");

    private static readonly JsonElement Function = JsonElement.Parse(
        """{"name": "turn_on", "description": "Turn on a thing.", "parameters": {"type": "object", "properties": {"thing": {"type": "string", "description": "The thing."}}, "required": ["thing"]}}""");

    private static readonly ToolDeclaration TurnOn = new(Function);

    [Fact]
    public async Task Every_token_comes_with_its_log_probability()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = With((GemmaChatClient.Logprobs, true), (GemmaChatClient.TopLogprobs, 2));
        ChatResponse response = await client.GetResponseAsync(Question, options);
        Assert.Equal(Tokyo, response.Text);
        IReadOnlyList<TokenLogprob> all = Logprobs(response.Messages[^1].AdditionalProperties);
        Assert.Equal(response.Usage!.OutputTokenCount, all.Count);
        Assert.Equal(Tokyo, pebble.Engine.Tokenizer.Decode([.. all.SkipLast(1).Select(each => each.Id)], skipSpecials: false));
        Assert.Contains(all[^1].Id, pebble.Engine.StopIds);
        Assert.All(all, each => Assert.True(each is { Rank: 0, Logprob: <= 0, Top.Count: 2 } && each.Top[0].Id == each.Id));

        List<TokenLogprob> pieces = [];
        string text = "";
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(Question, options))
        {
            pieces.AddRange(Logprobs(update.AdditionalProperties));
            text += update.Text;
            // What an update has is that of the tokens up to its text.
            Assert.StartsWith(text, pebble.Engine.Tokenizer.Decode([.. pieces.Select(each => each.Id)], skipSpecials: false), StringComparison.Ordinal);
        }

        Assert.Equal(all.Select(each => each.Id), pieces.Select(each => each.Id));
        // Most of the second prompt was in the cache: its last rows went through other sums.
        Assert.All(all.Zip(pieces), pair => Assert.Equal(pair.First.Logprob, pair.Second.Logprob, 1e-6));
        Assert.Empty(Logprobs((await client.GetResponseAsync(Question, With())).Messages[^1].AdditionalProperties));
    }

    [Fact]
    public async Task Biases_and_penalties_are_honoured()
    {
        using GemmaChatClient client = new(pebble.Engine);
        int capital = pebble.Engine.Tokenizer.Encode(Tokyo, specials: false)[0];
        ChatOptions without = With((GemmaChatClient.LogitBias, new Dictionary<int, float> { [capital] = -100 }));
        without.MaxOutputTokens = 8;
        string banned = (await client.GetResponseAsync(Question, without)).Text;
        Assert.False(banned.StartsWith("The", StringComparison.Ordinal), banned);
        JsonElement json = JsonElement.Parse($$"""{"{{capital}}": -100}""");
        Assert.Equal(banned, (await client.GetResponseAsync(Question, Also(without, (GemmaChatClient.LogitBias, json)))).Text);

        ChatOptions penalised = With();
        (penalised.FrequencyPenalty, penalised.PresencePenalty, penalised.MaxOutputTokens) = (2, 2, 60);
        using GemmaSession session = pebble.Engine.NewSession();
        AskOptions same = PebbleEngine.Greedy with { MaxTokens = 60, Logits = new() { FrequencyPenalty = 2, PresencePenalty = 2 } };
        const string Counting = "Count from one to nine.";
        Assert.Equal(session.Ask(Counting, same).Text, (await client.GetResponseAsync(Counting, penalised)).Text);
        // Forced to repeat one token, an answer goes on to others once the penalty has caught up with the bias.
        ChatOptions forced = With((GemmaChatClient.LogitBias, new Dictionary<string, object> { [$"{capital}"] = 30 }));
        (forced.FrequencyPenalty, forced.MaxOutputTokens) = (2, 40);
        IReadOnlyList<TokenLogprob> ids = Logprobs((await client.GetResponseAsync(Question, Also(forced, (GemmaChatClient.Logprobs, true)))).Messages[^1].AdditionalProperties);
        Assert.InRange(ids.Count(each => each.Id == capital), 5, 39);
        ChatOptions repeated = With((GemmaChatClient.RepetitionPenalty, 40));
        repeated.MaxOutputTokens = 8;
        Assert.False(Tokyo.StartsWith((await client.GetResponseAsync(Question, repeated)).Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Usage_counts_thoughts_and_drafts()
    {
        // As many drafts each round as are asked for: where the length is chosen, a busy machine may choose none.
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", DraftLength = 3 });
        using GemmaChatClient client = new(engine);
        ChatOptions options = With();
        options.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Medium };
        ChatResponse thought = await client.GetResponseAsync("What is 47 + 85?", options);
        string words = Assert.Single(thought.Messages[0].Contents.OfType<TextReasoningContent>()).Text;
        int tokens = engine.Tokenizer.Encode(words, specials: false).Length;
        // With the markers and the label around it.
        Assert.InRange(thought.Usage!.ReasoningTokenCount!.Value, tokens, tokens + 6);
        Assert.True(thought.Usage.ReasoningTokenCount < thought.Usage.OutputTokenCount);
        Assert.Equal(0, (await client.GetResponseAsync(Question, With())).Usage!.ReasoningTokenCount);
        Assert.NotNull(engine.Drafter);
        AdditionalPropertiesDictionary<long> counts = thought.Usage.AdditionalCounts!;
        Assert.True(counts[GemmaChatClient.AcceptedDrafts] + counts[GemmaChatClient.RejectedDrafts] > 0);
        Assert.InRange(counts[GemmaChatClient.AcceptedDrafts], 0, thought.Usage.OutputTokenCount!.Value);
    }

    [Fact]
    public async Task Another_model_is_refused()
    {
        using GemmaChatClient client = new(pebble.Engine);
        foreach (string known in (string[])["pebble", "gemma4_unified", ""])
        {
            Assert.Equal(Tokyo, (await client.GetResponseAsync(Question, new ChatOptions { Temperature = 0, ModelId = known })).Text);
        }

        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(Question, new ChatOptions { ModelId = "gpt-9" }));
        Assert.StartsWith("ChatOptions.ModelId: expected 'pebble'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'gpt-9' came", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Properties_that_cannot_be_honoured_are_refused_by_name()
    {
        using GemmaChatClient client = new(pebble.Engine);
        foreach ((string name, object value, string expected) in ((string, object, string)[])
        [
            (GemmaChatClient.Logprobs, "yes", "true or false, but yes came"),
            (GemmaChatClient.TopLogprobs, 21, "a whole number from 0 to 20, but 21 came"),
            (GemmaChatClient.TopLogprobs, 1.5, "a whole number from 0 to 20, but 1.5 came"),
            (GemmaChatClient.TopLogprobs, "two", "a whole number from 0 to 20, but two came"),
            (GemmaChatClient.RepetitionPenalty, 0, "a finite number above 0, but 0 came"),
            (GemmaChatClient.LogitBias, 5, "token ids with numbers from -100 to 100, but 5 came"),
            (GemmaChatClient.LogitBias, new Dictionary<string, int> { ["the"] = 1 }, "token ids with numbers from -100 to 100, but the came"),
            (GemmaChatClient.LogitBias, new Dictionary<int, float> { [4] = 101 }, "token ids with numbers from -100 to 100, but 101 came"),
            (GemmaChatClient.LogitBias, JsonElement.Parse("""{"4": null}"""), "token ids with numbers from -100 to 100"),
        ])
        {
            GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(Question, With((name, value))));
            Assert.StartsWith($"ChatOptions.AdditionalProperties[\"{name}\"]: expected {expected}", error.Message, StringComparison.Ordinal);
        }

        GemmaVkException unknown = await Assert.ThrowsAsync<GemmaVkException>(
            () => client.GetResponseAsync(Question, With((GemmaChatClient.LogitBias, new Dictionary<int, float> { [1024] = 1 }))));
        Assert.StartsWith("Bias: expected ids from 0 to 1023, but 1024 came", unknown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(Question, With((GemmaChatClient.Logprobs, false), (GemmaChatClient.TopLogprobs, 2))));
    }

    [Fact]
    public void An_answer_ends_behind_its_only_call()
    {
        BpeTokenizer tokenizer = pebble.Engine.Tokenizer;
        int[] Call(string thing) =>
        [
            tokenizer.Specials.ToolCallOpen, .. tokenizer.Encode("call:turn_on{thing:" + thing + "}", specials: false), tokenizer.Specials.ToolCallClose,
        ];
        int[] ids = [.. Call("1"), .. Call("2"), tokenizer.Specials.TurnClose];
        foreach (bool single in (bool[])[true, false])
        {
            using AnswerStream stream = new(tokenizer, false, PebbleEngine.Greedy with { SingleCall = single }, null, CancellationToken.None);
            List<int> taken = [];
            foreach (int id in ids.TakeWhile(_ => !stream.Token.IsCancellationRequested))
            {
                stream.Take(id);
                taken.Add(id);
            }

            Answer answer = stream.Finish(new Generation(taken, single ? StopReason.Cancelled : StopReason.Stop, new(0, default, 0, default, 0, 0)));
            Assert.Equal(single ? Call("1") : ids, taken);
            Assert.Equal((single ? 1 : 2, StopReason.Stop, single), (answer.ToolCalls.Count, answer.Stop, stream.IsCut));
        }
    }

    [Fact]
    public async Task A_single_call_is_answered_like_any()
    {
        AskOptions several = PebbleEngine.Greedy with { Tools = [TurnOn] };
        using GemmaSession expected = pebble.Engine.NewSession(), actual = pebble.Engine.NewSession();
        Answer call = expected.Ask("Turn on the map.", several);
        Answer only = actual.Ask("Turn on the map.", several with { SingleCall = true });
        // The token that hands over is not waited for.
        Assert.Equal(call.Ids.SkipLast(1), only.Ids);
        Assert.Equal((StopReason.Stop, call.Text, 1), (only.Stop, only.Text, only.ToolCalls.Count));
        Assert.Equal(expected.Reply([Ok], several).Ids, actual.Reply([Ok], several).Ids);
        Assert.Equal(expected.Length, actual.Length);

        using GemmaChatClient client = new(pebble.Engine);
        ChatOptions options = With();
        options.Tools = [AIFunctionFactory.CreateDeclaration("turn_on", "Turn on a thing.", Function.GetProperty("parameters"))];
        options.AllowMultipleToolCalls = false;
        ChatResponse response = await client.GetResponseAsync("Turn on the map.", options);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
    }

    [Fact]
    public async Task Likelihoods_are_those_of_the_answer()
    {
        int[] prompt = pebble.Encode(new Text.ChatMessage("user", Question));
        using GemmaSession session = pebble.Engine.NewSession();
        Answer answer = session.Complete(prompt, inThought: false, PebbleEngine.Greedy with { Logits = new() { TopLogprobs = 1 } });
        int[] text = [.. prompt, .. answer.Ids];
        Likelihoods alone = await pebble.Engine.ScoreAsync(new PromptRows(text), new(From: prompt.Length, TopLogprobs: 1));
        Assert.True(alone.IsGreedy);
        Assert.Equal(answer.Ids, alone.Tokens.Select(token => token!.Id));
        Assert.All(answer.Logprobs.Zip(alone.Tokens), pair => Assert.Equal(pair.First.Logprob, pair.Second!.Logprob, 3e-4));

        // A wrong answer is less likely, and what stands before it is taken in once.
        using GemmaSession choices = pebble.Engine.NewSession();
        double[] sums = new double[2];
        foreach ((int i, string choice) in ((int, string)[])[(0, Tokyo), (1, "The capital of Japan is Paris.")])
        {
            Likelihoods likely = await choices.ScoreAsync(new PromptRows([.. prompt, .. pebble.Engine.Tokenizer.Encode(choice, specials: false)]), new(From: prompt.Length));
            (sums[i], int cached) = (likely.Sum, i == 0 ? 0 : prompt.Length - 1);
            Assert.Equal(cached, likely.Cached);
        }

        Assert.True(sums[0] > sums[1] + 3, $"{sums[0]} and {sums[1]}");
    }

    private static ChatOptions With(params (string Name, object Value)[] properties) => Also(new ChatOptions { Temperature = 0 }, properties);

    private static ChatOptions Also(ChatOptions options, params (string Name, object Value)[] properties)
    {
        options.AdditionalProperties ??= [];
        foreach ((string name, object value) in properties)
        {
            options.AdditionalProperties[name] = value;
        }

        return options;
    }

    private static IReadOnlyList<TokenLogprob> Logprobs(AdditionalPropertiesDictionary? properties) =>
        properties?.TryGetValue(GemmaChatClient.Logprobs, out object? all) == true ? (IReadOnlyList<TokenLogprob>)all! : [];
}
