using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Answers of the small model through /v1/chat/completions.</summary>
[Collection(ServerCollection.Name)]
public class ChatTests(PebbleServer server)
{
    internal const string Chat = "v1/chat/completions";

    internal static JsonArray Tools(bool strict = false) => new(new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = "turn_on",
            ["description"] = "Turn on a thing.",
            ["strict"] = strict,
            ["parameters"] = JsonNode.Parse("""{"type":"object","properties":{"thing":{"type":"string","description":"The thing."}},"required":["thing"]}"""),
        },
    });

    internal static JsonObject Message(string role, JsonNode? content) => new() { ["role"] = role, ["content"] = content };

    internal static string DataOf(string file, string type) => $"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(Repository.Example(file)))}";

    [Fact]
    public async Task An_answer_is_given_whole()
    {
        JsonNode answer = await server.Ask(Chat, PebbleServer.Question("What are you?"));
        Assert.Equal("I am Pebble, a tiny model with the shape of Gemma 4 12B.", (string)answer["choices"]![0]!["message"]!["content"]!);
        Assert.Equal("stop", (string)answer["choices"]![0]!["finish_reason"]!);
        Assert.True(answer["choices"]![0]!["message"]!.AsObject().ContainsKey("refusal"));
        Assert.Equal(23, (int)answer["usage"]!["prompt_tokens"]!);
        Assert.Equal((int)answer["usage"]!["total_tokens"]!, (int)answer["usage"]!["prompt_tokens"]! + (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal((int)answer["usage"]!["completion_tokens"]!, (int)answer["timings"]!["predicted_n"]!);
        // Where the weights lie in the processor's cache there is no share of the memory's speed.
        Assert.InRange((double?)answer["timings"]!["gemmavk"]!["bandwidth_share"] ?? 1, 0, 1);
    }

    [Fact]
    public async Task A_stream_says_the_same_as_the_whole()
    {
        JsonObject question = PebbleServer.Question("Count from one to three.");
        string whole = (string)(await server.Ask(Chat, question))["choices"]![0]!["message"]!["content"]!;
        question["stream_options"] = new JsonObject { ["include_usage"] = true };
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(Chat, question);
        Assert.Equal(whole, Words(events));
        Assert.NotNull(events[^1].Data["timings"]!["draft_n"]);
        Assert.Equal(5, (int)events[^1].Data["usage"]!["completion_tokens"]!);
        Assert.All(events.SkipLast(1), each => Assert.True(each.Data.AsObject().ContainsKey("usage") && each.Data["usage"] is null));
    }

    [Fact]
    public async Task The_second_turn_takes_in_only_what_is_new()
    {
        JsonObject question = PebbleServer.Question("What are you? Say it again.");
        JsonNode first = await server.Ask(Chat, question);
        string said = (string)first["choices"]![0]!["message"]!["content"]!;
        question["messages"]!.AsArray().Add(Message("assistant", said));
        question["messages"]!.AsArray().Add(Message("user", "What is 2 + 2?"));
        JsonNode second = await server.Ask(Chat, question);
        int cached = (int)second["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
        Assert.InRange(cached, (int)first["usage"]!["prompt_tokens"]! - 8, (int)second["usage"]!["prompt_tokens"]! - 1);
        Assert.Equal(cached, (int)second["timings"]!["cache_n"]!);
    }

    [Fact]
    public async Task Thoughts_are_reasoning_content_on_request()
    {
        JsonObject question = PebbleServer.Question("What is 47 + 85?");
        question["max_tokens"] = 128;
        question["chat_template_kwargs"] = new JsonObject { ["enable_thinking"] = true };
        JsonNode message = (await server.Ask(Chat, question))["choices"]![0]!["message"]!;
        Assert.Equal("132", (string)message["content"]!);
        Assert.Contains("write 2, carry 1", (string)message["reasoning_content"]!, StringComparison.Ordinal);

        question.Remove("chat_template_kwargs");
        question["reasoning_effort"] = "low";
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(Chat, question);
        Assert.Equal("132", Words(events));
        Assert.Equal((string)message["reasoning_content"]!, string.Concat(Deltas(events).Select(delta => (string?)delta["reasoning_content"])));

        question["include_reasoning"] = false;
        question["stream"] = false;
        Assert.Null((await server.Ask(Chat, question))["choices"]![0]!["message"]!["reasoning_content"]);
    }

    [Fact]
    public async Task A_tool_is_called_and_its_result_understood()
    {
        JsonObject question = PebbleServer.Question("Turn on the map.");
        question["tools"] = Tools();
        JsonNode first = (await server.Ask(Chat, question))["choices"]![0]!;
        Assert.Equal("tool_calls", (string)first["finish_reason"]!);
        JsonNode message = first["message"]!;
        Assert.Null(message["content"]);
        JsonNode call = Assert.Single(message["tool_calls"]!.AsArray())!;
        Assert.Equal("turn_on", (string)call["function"]!["name"]!);
        Assert.Equal("""{"thing":"map"}""", (string)call["function"]!["arguments"]!);

        question["messages"]!.AsArray().Add(message.DeepClone());
        question["messages"]!.AsArray().Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string)call["id"]!, ["content"] = "ok" });
        JsonNode second = await server.Ask(Chat, question);
        Assert.NotEqual("", (string)second["choices"]![0]!["message"]!["content"]!);
        Assert.True((int)second["usage"]!["prompt_tokens_details"]!["cached_tokens"]! > 80);
    }

    [Fact]
    public async Task A_required_call_fits_its_schema_in_a_stream()
    {
        JsonObject question = PebbleServer.Question("What are you?");
        question["tools"] = Tools(strict: true);
        question["tool_choice"] = new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = "turn_on" } };
        question["parallel_tool_calls"] = false;
        question["max_tokens"] = 200;
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(Chat, question);
        JsonNode call = Assert.Single(Deltas(events).SelectMany(delta => delta["tool_calls"]?.AsArray() ?? []))!;
        Assert.Equal(0, (int)call["index"]!);
        Assert.Equal(System.Text.Json.JsonValueKind.String, JsonNode.Parse((string)call["function"]!["arguments"]!)!["thing"]!.GetValueKind());
        Assert.Equal("tool_calls", Finish(events));
    }

    [Theory]
    [InlineData("""{"type":"json_object"}""")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","properties":{"kind":{"enum":["stone","map"]},"n":{"type":"integer","minimum":1,"maximum":9}},"required":["kind","n"],"additionalProperties":false}}}""")]
    public async Task An_answer_has_the_asked_form(string format)
    {
        JsonObject question = PebbleServer.Question("What are you?");
        question["response_format"] = JsonNode.Parse(format);
        question["max_tokens"] = 400;
        JsonNode choice = (await server.Ask(Chat, question))["choices"]![0]!;
        if ((string)choice["finish_reason"]! == "stop")
        {
            JsonNode value = JsonNode.Parse((string)choice["message"]!["content"]!)!;
            Assert.Equal(System.Text.Json.JsonValueKind.Object, value.GetValueKind());
            if (format.Contains("json_schema", StringComparison.Ordinal))
            {
                Assert.Contains((string)value["kind"]!, (string[])["stone", "map"]);
                Assert.InRange((int)value["n"]!, 1, 9);
            }
        }
        else
        {
            Assert.Equal("length", (string)choice["finish_reason"]!);
            Assert.DoesNotContain("json_schema", format, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_of_a_stop_text_is_ever_sent()
    {
        JsonObject question = PebbleServer.Question("What are you?");
        question["stop"] = new JsonArray("xyz", " tiny model");
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(Chat, question);
        Assert.Equal("I am Pebble, a", Words(events));
        Assert.Equal("stop", Finish(events));
        question["stop"] = " tiny";
        question["stream"] = false;
        Assert.Equal("I am Pebble, a", (string)(await server.Ask(Chat, question))["choices"]![0]!["message"]!["content"]!);
    }

    [Fact]
    public async Task A_limit_ends_an_answer_with_length()
    {
        JsonObject question = PebbleServer.Question("What are you?");
        question["max_tokens"] = 100;
        question["max_completion_tokens"] = 3;
        JsonNode answer = await server.Ask(Chat, question);
        Assert.Equal("length", (string)answer["choices"]![0]!["finish_reason"]!);
        Assert.Equal(3, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Several_choices_and_their_seeds()
    {
        JsonObject question = PebbleServer.Question("Tell me a story.");
        question["n"] = 3;
        question["temperature"] = 1.5;
        question["seed"] = 7;
        question["max_tokens"] = 12;
        JsonNode answer = await server.Ask(Chat, question);
        string[] texts = [.. answer["choices"]!.AsArray().Select(choice => (string)choice!["message"]!["content"]!)];
        Assert.Equal([0, 1, 2], answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.True(texts.Distinct().Count() > 1);
        Assert.InRange((int)answer["usage"]!["completion_tokens"]!, 6, 36);
        Assert.Equal(texts, (await server.Ask(Chat, question))["choices"]!.AsArray().Select(choice => (string)choice!["message"]!["content"]!));
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(Chat, question);
        Assert.Equal(texts, Enumerable.Range(0, 3).Select(i => string.Concat(
            events.SelectMany(each => each.Data["choices"]!.AsArray()).Where(choice => (int)choice!["index"]! == i).Select(choice => (string?)choice!["delta"]!["content"]))));
    }

    [Theory]
    [InlineData("image_url", "picture-0.png", "image/png", "What is in this picture?", "I see a black square and an orange square.")]
    [InlineData("audio_url", "sound-1.wav", "audio/wav", "Transcribe the audio.", "seven zero five zero.")]
    [InlineData("video_url", "clip-1.mkv", "video/x-matroska", "Which way does the circle move?", "The blue circle moves left.")]
    public async Task Media_come_as_data_and_as_files_below_the_root(string type, string file, string media, string words, string answer)
    {
        foreach (string address in (string[])[DataOf(file, media), new Uri(Repository.Example(file)).AbsoluteUri])
        {
            JsonObject question = PebbleServer.Question("");
            question["messages"] = new JsonArray(Message("user", new JsonArray(
                new JsonObject { ["type"] = "text", ["text"] = words },
                new JsonObject { ["type"] = type, [type] = new JsonObject { ["url"] = address } })));
            Assert.Equal(answer, (string)(await server.Ask(Chat, question))["choices"]![0]!["message"]!["content"]!);
        }
    }

    [Fact]
    public async Task A_sound_comes_as_input_audio_and_is_counted()
    {
        JsonObject question = PebbleServer.Question("");
        question["messages"] = new JsonArray(Message("user", new JsonArray(
            new JsonObject { ["type"] = "text", ["text"] = "Transcribe the audio." },
            new JsonObject { ["type"] = "input_audio", ["input_audio"] = new JsonObject { ["data"] = Convert.ToBase64String(File.ReadAllBytes(Repository.Example("sound-2.wav"))), ["format"] = "wav" } })));
        JsonNode answer = await server.Ask(Chat, question);
        Assert.Equal("four seven.", (string)answer["choices"]![0]!["message"]!["content"]!);
        Assert.True((int)answer["usage"]!["prompt_tokens_details"]!["audio_tokens"]! > 0);
    }

    [Fact]
    public async Task System_turns_are_taken_wherever_they_stand()
    {
        JsonObject question = PebbleServer.Question("");
        question["messages"] = new JsonArray(
            Message("system", "Be short."), Message("developer", "Be kind."), Message("user", "What are you?"), Message("assistant", "Pebble."), Message("system", "Now be long."),
            Message("user", new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "What" }, new JsonObject { ["type"] = "text", ["text"] = " are you?" })));
        JsonNode ids = await server.Ask("tokenize", new JsonObject { ["messages"] = question["messages"]!.DeepClone() });
        string prompt = (string)(await server.Ask("detokenize", new JsonObject { ["tokens"] = ids["tokens"]!.DeepClone() }))["content"]!;
        Assert.StartsWith("<bos><|turn>system\nBe short.\n\nBe kind.<turn|>\n<|turn>user\nWhat are you?<turn|>\n<|turn>model\nPebble.<turn|>\n<|turn>system\nNow be long.<turn|>\n", prompt, StringComparison.Ordinal);
        Assert.Equal("stop", (string)(await server.Ask(Chat, question))["choices"]![0]!["finish_reason"]!);
    }

    [Fact]
    public async Task Results_are_found_by_their_ids_in_any_order()
    {
        JsonArray Talk(params string[] order) => new(
            [
                Message("user", "Turn on the map."),
                new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = null,
                    ["reasoning_content"] = "Both.",
                    ["tool_calls"] = new JsonArray([.. ((string[])["a", "b"]).Select(id => (JsonNode)new JsonObject
                    {
                        ["id"] = id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = $"tool_{id}", ["arguments"] = "{}" },
                    })]),
                },
                .. order.Select(id => new JsonObject { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = $"of {id}" }),
            ]);
        JsonNode ids = await server.Ask("tokenize", new JsonObject { ["messages"] = Talk("b", "a") });
        string prompt = (string)(await server.Ask("detokenize", new JsonObject { ["tokens"] = ids["tokens"]!.DeepClone() }))["content"]!;
        Assert.Contains("response:tool_b{value:<|\"|>of b<|\"|>}", prompt, StringComparison.Ordinal);
        Assert.Contains("response:tool_a{value:<|\"|>of a<|\"|>}", prompt, StringComparison.Ordinal);
        Assert.Contains("Both.", prompt, StringComparison.Ordinal);

        (int status, JsonNode error) = await server.Refused(Chat, new JsonObject { ["messages"] = Talk("b", "x") }.ToJsonString());
        Assert.Equal((400, "messages[3].tool_call_id"), (status, (string)error["param"]!));
        (status, error) = await server.Refused(Chat, new JsonObject { ["messages"] = Talk("b") }.ToJsonString());
        Assert.Equal((400, "missing_tool_result"), (status, (string)error["code"]!));
    }

    [Fact]
    public async Task Tokens_are_listed_on_request()
    {
        JsonObject question = PebbleServer.Question("Count from one to three.");
        question["return_tokens"] = true;
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(Chat, question);
        JsonNode[] tokens = [.. events.SelectMany(each => each.Data["tokens"]?.AsArray() ?? []).Select(token => token!)];
        Assert.Equal("one two three.", string.Concat(tokens.Where(token => (string)token["place"]! == "content").Select(token => (string)token["text"]!)));
        Assert.All(tokens, token => Assert.NotNull(token["drafted"]));
        Assert.Equal("mark", (string)tokens[^1]["place"]!);
    }

    [Fact]
    public async Task Eight_conversations_at_once_are_each_the_same_as_alone()
    {
        string[] questions = ["What are you?", "Count from one to three.", "What is 12 + 5?", "Tell me a story."];
        JsonObject Of(string question) => PebbleServer.Question(question);
        string[] alone = new string[questions.Length];
        for (int i = 0; i < questions.Length; i++)
        {
            alone[i] = (string)(await server.Ask(Chat, Of(questions[i])))["choices"]![0]!["message"]!["content"]!;
        }

        string[] together = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            Words(await server.Stream(Chat, Of(questions[i % questions.Length])))));
        Assert.Equal(alone.Concat(alone), together);
    }

    internal static IEnumerable<JsonNode> Deltas(IReadOnlyList<(string? Name, JsonNode Data)> events) =>
        events.SelectMany(each => each.Data["choices"]!.AsArray()).Select(choice => choice!["delta"]!);

    internal static string Words(IReadOnlyList<(string? Name, JsonNode Data)> events) => string.Concat(Deltas(events).Select(delta => (string?)delta["content"]));

    private static string? Finish(IReadOnlyList<(string? Name, JsonNode Data)> events) =>
        events.SelectMany(each => each.Data["choices"]!.AsArray()).Select(choice => (string?)choice!["finish_reason"]).LastOrDefault(reason => reason is not null);
}
