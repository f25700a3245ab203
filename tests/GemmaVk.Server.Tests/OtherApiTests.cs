using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>What the APIs beside chat completions have of their own: Anthropic's messages, responses, transcripts.</summary>
[Collection(ServerCollection.Name)]
public class OtherApiTests(PebbleServer server)
{
    private async Task<(HttpStatusCode Status, string Type, string Text)> Transcribe(string path, string file, params (string Name, string Value)[] fields)
    {
        using MultipartFormDataContent form = [];
        if (file.Length > 0)
        {
            form.Add(new ByteArrayContent(File.Exists(file) ? File.ReadAllBytes(file) : []), "file", "sound.wav");
        }

        foreach ((string name, string value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        using HttpResponseMessage response = await server.Client.PostAsync(path, form);
        return (response.StatusCode, response.Content.Headers.ContentType!.MediaType!, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("json", "application/json", "{\"text\":\"four seven.\",\"usage\":")]
    [InlineData("text", "text/plain", "four seven.\n")]
    [InlineData("srt", "application/x-subrip", "1\n00:00:00,")]
    [InlineData("vtt", "text/vtt", "WEBVTT\n\n1\n00:00:00.")]
    [InlineData("verbose_json", "application/json", "{\"task\":\"transcribe\",\"language\":\"en\",\"duration\":")]
    public async Task A_transcript_has_the_asked_format(string format, string type, string begins)
    {
        (HttpStatusCode status, string came, string text) = await Transcribe("v1/audio/transcriptions", Repository.Example("sound-2.wav"), ("response_format", format), ("model", "whisper-1"), ("language", "en"));
        Assert.Equal((HttpStatusCode.OK, type), (status, came));
        Assert.StartsWith(begins, text, StringComparison.Ordinal);
        Assert.Contains("four seven.", text, StringComparison.Ordinal);
        if (format == "verbose_json")
        {
            JsonNode segment = JsonNode.Parse(text)!["segments"]![0]!;
            Assert.Equal(server.Model.Engine.Tokenizer.Encode((string)segment["text"]!, specials: false), segment["tokens"]!.AsArray().Select(id => (int)id!));
            Assert.InRange((double)segment["compression_ratio"]!, 0.1, 0.99);
            // What is not measured is not said.
            Assert.False(segment.AsObject().ContainsKey("no_speech_prob") || segment.AsObject().ContainsKey("avg_logprob"));
        }
    }

    [Fact]
    public async Task Sounds_that_cannot_be_heard_are_refused()
    {
        const string Path = "v1/audio/transcriptions";
        string sound = Repository.Example("sound-2.wav");
        Assert.Contains("\"param\":\"file\"", (await Transcribe(Path, "", ("model", "x"))).Text + (await Transcribe(Path, "", ("model", "pebble"))).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await Transcribe(Path, "nothing")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Transcribe(Path, Repository.Example("picture-0.png"))).Status);
        Assert.Contains("\"param\":\"response_format\"", (await Transcribe(Path, sound, ("response_format", "pdf"))).Text, StringComparison.Ordinal);
        Assert.Contains("\"param\":\"timestamp_granularities\"", (await Transcribe(Path, sound, ("timestamp_granularities[]", "word"))).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Transcribe(Path, sound, ("model", "other"))).Status);
        using HttpResponseMessage type = await server.Post(Path, "{}");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, type.StatusCode);
        // The small model learnt no translation: what counts is that it answers, and says what was asked.
        Assert.Contains("\"task\":\"translate\",\"language\":\"English\"", (await Transcribe("v1/audio/translations", sound, ("response_format", "verbose_json"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_have_blocks_results_and_errors_of_their_own()
    {
        JsonObject Body(params JsonNode[] messages) => new() { ["model"] = "claude-sonnet", ["max_tokens"] = 64, ["temperature"] = 0, ["messages"] = new JsonArray(messages) };
        JsonObject body = Body(ChatTests.Message("user", "What are you?"));
        body["system"] = new JsonArray(
            new JsonObject { ["type"] = "text", ["text"] = "x-anthropic-billing-header: cc_version=1; cch=12345" }, new JsonObject { ["type"] = "text", ["text"] = "Be kind.", ["cache_control"] = new JsonObject() });
        JsonObject stops = Body(ChatTests.Message("user", "What are you?"));
        stops["stop_sequences"] = new JsonArray(" a tiny");
        JsonNode answer = await server.Ask("v1/messages", stops);
        Assert.Equal("claude-sonnet", (string)answer["model"]!);
        Assert.Equal(("stop_sequence", " a tiny"), ((string)answer["stop_reason"]!, (string)answer["stop_sequence"]!));
        int tokens = (int)(await server.Ask("v1/messages/count_tokens", body))["input_tokens"]!;
        body["system"]![0]!["text"] = "x-anthropic-billing-header: cc_version=1; cch=99999 and much more of it that differs each time";
        Assert.Equal(tokens, (int)(await server.Ask("v1/messages/count_tokens", body))["input_tokens"]!);

        (int status, JsonNode error) = await server.Refused("v1/messages", Body(ChatTests.Message("user", new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = "x", ["content"] = "ok" }))).ToJsonString());
        Assert.Equal((400, "invalid_request_error"), (status, (string)error["type"]!));
        Assert.Contains("messages[0].content[0].tool_use_id", (string)error["message"]!, StringComparison.Ordinal);
        (status, _) = await server.Refused("v1/messages", """{"model":"claude-x","messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(400, status);

        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream("v1/messages", Body(ChatTests.Message("user", "Count from one to three.")), endsWithMark: false);
        Assert.Equal(["message_start", "content_block_start"], events.Take(2).Select(each => each.Name));
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], events.TakeLast(3).Select(each => each.Name));
        Assert.All(events, each => Assert.Equal(each.Name, (string)each.Data["type"]!));
    }

    [Fact]
    public async Task Responses_take_items_and_count_their_events()
    {
        JsonObject body = new()
        {
            ["temperature"] = 0,
            ["instructions"] = "Be kind.",
            ["store"] = false,
            ["tools"] = new JsonArray(
                new JsonObject { ["type"] = "function", ["name"] = "turn_on", ["description"] = "Turn on a thing.", ["parameters"] = ChatTests.Tools()[0]!["function"]!["parameters"]!.DeepClone() },
                new JsonObject { ["type"] = "web_search" }),
            ["input"] = new JsonArray(
                new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "input_text", ["text"] = "Turn on the map." }) },
                new JsonObject { ["type"] = "reasoning", ["summary"] = new JsonArray(), ["content"] = new JsonArray(new JsonObject { ["type"] = "reasoning_text", ["text"] = "So." }) },
                new JsonObject { ["type"] = "function_call", ["call_id"] = "a", ["name"] = "turn_on", ["arguments"] = "{\"thing\":\"map\"}" },
                new JsonObject { ["type"] = "function_call_output", ["call_id"] = "a", ["output"] = "ok" }),
        };
        using (HttpResponseMessage response = await server.Post("v1/responses", body.ToJsonString()))
        {
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            Assert.Contains("tools[1]:web_search", response.Headers.GetValues("x-gemmavk-ignored").Single(), StringComparison.Ordinal);
        }

        body["input"] = "Turn on the map.";
        body["tool_choice"] = "required";
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream("v1/responses", body, endsWithMark: false);
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(each => (int)each.Data["sequence_number"]!));
        Assert.Equal("response.completed", events[^1].Name);
        JsonNode call = events[^1].Data["response"]!["output"]!.AsArray().First(item => (string)item!["type"]! == "function_call")!;
        Assert.Equal("turn_on", (string)call["name"]!);
        Assert.NotNull(JsonNode.Parse((string)call["arguments"]!)!["thing"]);

        (int status, JsonNode error) = await server.Refused("v1/responses", """{"input":[{"type":"item_reference","id":"x"}]}""");
        Assert.Equal((400, "input[0].type"), (status, (string)error["param"]!));
        (status, error) = await server.Refused("v1/responses", """{"input":"Hi","previous_response_id":"resp_1"}""");
        Assert.Equal((400, "previous_response_id"), (status, (string)error["param"]!));
        body = new JsonObject { ["input"] = "What are you?", ["max_output_tokens"] = 2 };
        Assert.Equal("incomplete", (string)(await server.Ask("v1/responses", body))["status"]!);
    }
}
