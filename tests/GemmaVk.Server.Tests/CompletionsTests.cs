using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>/v1/completions, and the two requests that lm-evaluation-harness makes of a server.</summary>
[Collection(ServerCollection.Name)]
public class CompletionsTests(PebbleServer server)
{
    private const string Path = "v1/completions";
    private const double Near = 1e-6;

    private int[] Ids(string text) => [server.Model.Engine.Tokenizer.Specials.Bos, .. server.Model.Engine.Tokenizer.Encode(text, specials: true)];

    private static JsonArray List(IEnumerable<int> ids) => new([.. ids.Select(id => (JsonNode)id)]);

    [Fact]
    public async Task Likelihoods_of_a_batch_of_ids_are_those_in_process()
    {
        // {"prompt": [[...], ...], "echo": true, "logprobs": 1, "max_tokens": 1, "temperature": 0}; of each choice token_logprobs[context:-1] is added up.
        string[] texts = ["<|turn>user\nWhat are you?<turn|>\n<|turn>model\nI am Pebble, a tiny model", "one two three", "The stone is on the map."];
        JsonNode answer = await server.Ask(Path, new JsonObject
        {
            ["model"] = "pebble",
            ["prompt"] = new JsonArray([.. texts.Select(text => (JsonNode)List(Ids(text)))]),
            ["echo"] = true,
            ["logprobs"] = 1,
            ["max_tokens"] = 1,
            ["temperature"] = 0,
            ["seed"] = 1234,
        });
        Assert.Equal(texts.Length, answer["choices"]!.AsArray().Count);
        for (int i = 0; i < texts.Length; i++)
        {
            int[] ids = Ids(texts[i]);
            Likelihoods own = await server.Model.Engine.ScoreAsync(new PromptRows(ids), new ScoreOptions(1, 1));
            JsonNode logprobs = answer["choices"]![i]!["logprobs"]!;
            JsonNode?[] given = [.. logprobs["token_logprobs"]!.AsArray()];
            Assert.Equal(ids.Length + 1, given.Length);
            Assert.Null(given[0]);
            int context = 3;
            Assert.Equal(own.Tokens.Skip(context - 1).Sum(token => token!.Logprob), given[context..^1].Sum(value => (double)value!), Near);
            bool greedy = given[context..^1].Zip(logprobs["top_logprobs"]!.AsArray().Skip(context)).All(pair => (double)pair.First! == pair.Second!.AsObject().Max(top => (double)top.Value!));
            Assert.Equal(own.Tokens.Skip(context - 1).All(token => token!.Rank == 0), greedy);
        }
    }

    [Fact]
    public async Task A_text_is_continued_until_a_stop()
    {
        // {"prompt": "...", "max_tokens": n, "temperature": 0, "stop": [...], "seed": 1234}.
        JsonObject body = new()
        {
            ["model"] = "pebble",
            ["prompt"] = "<|turn>user\nWhat are you?<turn|>\n<|turn>model\n<|channel>thought\n<channel|>",
            ["max_tokens"] = 40,
            ["temperature"] = 0,
            ["stop"] = new JsonArray(" tiny", "<turn|>"),
            ["seed"] = 1234,
        };
        JsonNode choice = (await server.Ask(Path, body))["choices"]![0]!;
        Assert.Equal("I am Pebble, a", (string)choice["text"]!);
        Assert.Equal("stop", (string)choice["finish_reason"]!);
        Assert.Null(choice["logprobs"]);
        body["echo"] = true;
        Assert.Equal((string)body["prompt"]! + "I am Pebble, a", (string)(await server.Ask(Path, body))["choices"]![0]!["text"]!);
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(Path, body);
        Assert.Equal((string)body["prompt"]! + "I am Pebble, a", string.Concat(events.SelectMany(each => each.Data["choices"]!.AsArray()).Select(each => (string)each!["text"]!)));
    }

    [Fact]
    public async Task A_prompt_alone_is_scored()
    {
        JsonNode answer = await server.Ask(Path, new JsonObject { ["prompt"] = "one two three", ["echo"] = true, ["logprobs"] = 5, ["max_tokens"] = 0 });
        JsonNode logprobs = answer["choices"]![0]!["logprobs"]!;
        Assert.Equal(Ids("one two three").Length, logprobs["tokens"]!.AsArray().Count);
        Assert.Equal("one two three", (string)answer["choices"]![0]!["text"]!);
        Assert.True(logprobs["top_logprobs"]![1]!.AsObject().Count is > 0 and <= 6);
        Assert.Equal(0, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Without_alternatives_each_token_has_its_own_likelihood()
    {
        JsonNode logprobs = (await server.Ask(Path, new JsonObject { ["prompt"] = "one two", ["logprobs"] = 0, ["max_tokens"] = 2, ["temperature"] = 0 }))["choices"]![0]!["logprobs"]!;
        Assert.Equal(2, logprobs["tokens"]!.AsArray().Count);
        for (int i = 0; i < 2; i++)
        {
            (string text, JsonNode? logprob) = Assert.Single(logprobs["top_logprobs"]![i]!.AsObject());
            Assert.Equal(((string)logprobs["tokens"]![i]!, (double)logprobs["token_logprobs"]![i]!), (text, (double)logprob!));
        }
    }

    [Fact]
    public async Task Several_texts_and_choices_keep_their_order()
    {
        JsonNode answer = await server.Ask(Path, new JsonObject { ["prompt"] = new JsonArray("one", "two three"), ["n"] = 2, ["echo"] = true, ["max_tokens"] = 2, ["seed"] = 1 });
        string[] texts = [.. answer["choices"]!.AsArray().Select(choice => (string)choice!["text"]!)];
        Assert.Equal([0, 1, 2, 3], answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.All(texts[..2], text => Assert.StartsWith("one", text, StringComparison.Ordinal));
        Assert.All(texts[2..], text => Assert.StartsWith("two three", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"max_tokens":3}""", "prompt")]
    [InlineData("""{"prompt":"x","max_tokens":0}""", "max_tokens")]
    [InlineData("""{"prompt":[5,99999999]}""", "prompt")]
    [InlineData("""{"prompt":[[5],{}]}""", "prompt")]
    [InlineData("""{"prompt":[]}""", "prompt")]
    [InlineData("""{"prompt":"x","best_of":3}""", "best_of")]
    [InlineData("""{"prompt":"x","suffix":"y"}""", "suffix")]
    [InlineData("""{"prompt":["x","y"],"stream":true}""", "stream")]
    [InlineData("""{"prompt":"x","logprobs":21}""", "logprobs")]
    public async Task What_cannot_be_honoured_is_named(string body, string param)
    {
        (int status, JsonNode error) = await server.Refused(Path, body);
        Assert.Equal((400, param), (status, (string?)error["param"]));
    }

    [Fact]
    public async Task The_tokenizer_is_told_as_the_harness_asks()
    {
        JsonNode info = JsonNode.Parse(await server.Client.GetStringAsync("tokenizer_info"))!;
        Assert.Equal("<bos>", (string)info["bos_token"]!);
        Assert.All((string[])["eos_token", "pad_token", "chat_template"], name => Assert.NotNull(info[name]));
        JsonNode ids = await server.Ask("tokenize", new JsonObject { ["prompt"] = "Hello wörld", ["add_special_tokens"] = false });
        Assert.Equal(server.Model.Engine.Tokenizer.Encode("Hello wörld", specials: false), ids["tokens"]!.AsArray().Select(id => (int)id!));
        Assert.Equal("Hello wörld", (string)(await server.Ask("detokenize", new JsonObject { ["tokens"] = ids["tokens"]!.DeepClone() }))["prompt"]!);
        JsonNode pieces = await server.Ask("tokenize", new JsonObject { ["content"] = "wö", ["with_pieces"] = true });
        Assert.Contains(pieces["tokens"]!.AsArray(), piece => piece!["piece"] is JsonArray);
    }

    [Fact]
    public async Task Chat_gives_the_likelihoods_that_scoring_gives()
    {
        JsonObject question = PebbleServer.Question("Count from one to three.");
        question["logprobs"] = true;
        question["top_logprobs"] = 3;
        JsonNode choice = (await server.Ask(ChatTests.Chat, question))["choices"]![0]!;
        JsonNode?[] tokens = [.. choice["logprobs"]!["content"]!.AsArray()];
        Assert.Equal("one two three.", string.Concat(tokens.Select(token => (string)token!["token"]!)));
        Assert.All(tokens, token => Assert.Equal(3, token!["top_logprobs"]!.AsArray().Count));
        JsonNode prompt = await server.Ask("tokenize", new JsonObject { ["messages"] = question["messages"]!.DeepClone() });
        int[] ids = [.. prompt["tokens"]!.AsArray().Select(id => (int)id!), .. server.Model.Engine.Tokenizer.Encode("one two three.", specials: false)];
        Likelihoods own = await server.Model.Engine.ScoreAsync(new PromptRows(ids), new ScoreOptions(ids.Length - tokens.Length));
        Assert.All(own.Tokens.Zip(tokens), pair => Assert.Equal(pair.First!.Logprob, (double)pair.Second!["logprob"]!, Near));

        question["logit_bias"] = new JsonObject { [$"{server.Model.Engine.Tokenizer.Encode("one", specials: false)[0]}"] = -100 };
        Assert.DoesNotContain("one", (string)(await server.Ask(ChatTests.Chat, question))["choices"]![0]!["message"]!["content"]!, StringComparison.Ordinal);
    }
}
