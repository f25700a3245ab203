using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>
/// Sessions of known agents, in agents/: requests in the shapes that their sources and documentation have, in words of this project. None of their fields is
/// refused, what changes nothing is named and no more, answers have what the agent's parser looks for, and a second turn takes in what is new alone.
/// </summary>
[Collection(ServerCollection.Name)]
public class AgentTests(PebbleServer server)
{
    // The model has little to say to an agent; how much it may is not what is tested.
    private const int Most = 24;

    private static string Folder => Repository.Path("tests", "GemmaVk.Server.Tests", "agents");

    public static TheoryData<string> Sessions() => [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void There_are_ten_agents_at_least() => Assert.True(Sessions().Count >= 10);

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task A_session_is_answered(string name)
    {
        JsonNode session = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, name + ".json")))!;
        int before = 0;
        foreach (JsonNode? turn in session["turns"]!.AsArray())
        {
            JsonObject body = turn!.DeepClone().AsObject();
            string limit = ((string[])["max_completion_tokens", "max_output_tokens", "max_tokens"]).FirstOrDefault(body.ContainsKey) ?? ((string)session["shape"]! == "responses" ? "max_output_tokens" : "max_tokens");
            body[limit] = Most;
            using HttpRequestMessage request = new(HttpMethod.Post, (string)session["path"]!) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
            foreach ((string header, JsonNode? value) in session["headers"]!.AsObject())
            {
                request.Headers.TryAddWithoutValidation(header, (string)value!);
            }

            using HttpResponseMessage response = await server.Client.SendAsync(request);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, text);
            string[] ignored = response.Headers.TryGetValues("x-gemmavk-ignored", out IEnumerable<string>? names) ? names.Single().Split(", ") : [];
            Assert.Equal(session["ignored"]!.AsArray().Select(each => (string)each!), ignored.Order(StringComparer.Ordinal));
            (int prompt, int cached) = Read((string)session["shape"]!, text, (bool?)body["stream"] == true);
            Assert.True(cached >= before, $"{cached} of {prompt} were in a cache, but the turn before had {before}");
            // The turn of the model that the prompt opens may go on otherwise, and a picture is taken in whole.
            before = Math.Max(0, prompt - 16);
        }
    }

    private static (int Prompt, int Cached) Read(string shape, string text, bool streams) => shape switch
    {
        "messages" => Messages(streams ? PebbleServer.Events(text, false) : []),
        "responses" => Responses(PebbleServer.Events(text, false)),
        "completions" => Completions(text, streams),
        _ => Chat(text, streams),
    };

    private static (int Prompt, int Cached) Completions(string text, bool streams)
    {
        JsonNode[] chunks = streams ? [.. PebbleServer.Events(text, true).Select(each => each.Data)] : [JsonNode.Parse(text)!];
        Assert.All(chunks.SelectMany(chunk => chunk["choices"]!.AsArray()), choice => Assert.NotNull(choice!["text"]));
        Assert.NotNull(chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Last()!["finish_reason"]);
        return (0, 0);
    }

    // What the client libraries of the agents do: pieces are put together by index, what is null stays what it was.
    private static (int Prompt, int Cached) Chat(string text, bool streams)
    {
        if (!streams)
        {
            JsonNode whole = JsonNode.Parse(text)!;
            Assert.Equal("assistant", (string)whole["choices"]![0]!["message"]!["role"]!);
            Finished((string?)whole["choices"]![0]!["finish_reason"], whole["choices"]![0]!["message"]!["tool_calls"]?.AsArray().Count ?? 0);
            return Usage(whole["usage"]!);
        }

        IReadOnlyList<(string? Name, JsonNode Data)> events = PebbleServer.Events(text, true);
        List<(string Name, string Arguments)> calls = [];
        string? finish = null;
        foreach (JsonNode chunk in events.Select(each => each.Data))
        {
            Assert.Equal("chat.completion.chunk", (string)chunk["object"]!);
            foreach (JsonNode? choice in chunk["choices"]!.AsArray())
            {
                finish = (string?)choice!["finish_reason"] ?? finish;
                foreach (JsonNode? call in choice["delta"]!["tool_calls"]?.AsArray() ?? [])
                {
                    Assert.Equal(calls.Count, (int)call!["index"]!);
                    Assert.NotEqual("", (string)call["id"]!);
                    calls.Add(((string)call["function"]!["name"]!, (string)call["function"]!["arguments"]!));
                }
            }
        }

        Assert.All(calls, call => Assert.Equal(JsonValueKind.Object, JsonNode.Parse(call.Arguments)!.GetValueKind()));
        Finished(finish, calls.Count);
        return events.Select(each => each.Data["usage"]).LastOrDefault(usage => usage is not null) is { } used ? Usage(used) : (0, 0);

        static (int, int) Usage(JsonNode usage) => ((int)usage["prompt_tokens"]!, (int)usage["prompt_tokens_details"]!["cached_tokens"]!);

        static void Finished(string? finish, int calls) => Assert.Contains(finish, (string[])(calls > 0 ? ["tool_calls"] : ["stop", "length"]));
    }

    private static (int Prompt, int Cached) Messages(IReadOnlyList<(string? Name, JsonNode Data)> events)
    {
        Assert.Equal("message_start", events[0].Name);
        Assert.Equal("message_stop", events[^1].Name);
        int open = -1;
        foreach ((string? name, JsonNode data) in events)
        {
            Assert.Equal(name, (string)data["type"]!);
            if (name == "content_block_start")
            {
                Assert.Equal(++open, (int)data["index"]!);
                Assert.Contains((string)data["content_block"]!["type"]!, (string[])["text", "thinking", "tool_use"]);
            }
            else if (name is "content_block_delta" or "content_block_stop")
            {
                Assert.Equal(open, (int)data["index"]!);
            }
        }

        JsonNode last = events[^2].Data;
        Assert.Contains((string)last["delta"]!["stop_reason"]!, (string[])["end_turn", "max_tokens", "tool_use"]);
        int cached = (int)last["usage"]!["cache_read_input_tokens"]!;
        return ((int)last["usage"]!["input_tokens"]! + cached, cached);
    }

    private static (int Prompt, int Cached) Responses(IReadOnlyList<(string? Name, JsonNode Data)> events)
    {
        Assert.Equal(["response.created", "response.in_progress"], events.Take(2).Select(each => each.Name));
        Assert.Contains(events[^1].Name, (string[])["response.completed", "response.incomplete"]);
        // An item that was done is the same one in the whole.
        JsonNode response = events[^1].Data["response"]!;
        Assert.Equal(
            events.Where(each => each.Name == "response.output_item.done").Select(each => each.Data["item"]!.ToJsonString()), response["output"]!.AsArray().Select(item => item!.ToJsonString()));
        return ((int)response["usage"]!["input_tokens"]!, (int)response["usage"]!["input_tokens_details"]!["cached_tokens"]!);
    }

    [Fact]
    public async Task A_tool_in_a_namespace_is_called_as_it_was_declared()
    {
        JsonObject body = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "codex.json")))!["turns"]![0]!.DeepClone().AsObject();
        (body["temperature"], body["reasoning"], body["max_output_tokens"]) = (0, null, 60);
        body["input"]![0]!["tools"]![1]!["tools"]![0]!["parameters"]!["properties"]!["thing"]!["enum"] = new JsonArray("map", "lamp");
        body["tool_choice"] = new JsonObject { ["type"] = "function", ["name"] = "turn_on", ["namespace"] = "mcp__home" };
        JsonNode call = Call(await server.Stream("v1/responses", body, endsWithMark: false), "function_call");
        Assert.Equal(("turn_on", "mcp__home"), ((string)call["name"]!, (string)call["namespace"]!));
        Assert.NotNull(JsonNode.Parse((string)call["arguments"]!)!["thing"]);

        static JsonNode Call(IReadOnlyList<(string? Name, JsonNode Data)> events, string type) =>
            Assert.Single(events[^1].Data["response"]!["output"]!.AsArray(), item => (string)item!["type"]! == type)!;
    }
}
