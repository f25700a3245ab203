using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using GemmaVk.Mcp;
using GemmaVk.Mcp.BuiltIn;
using GemmaVk.Mcp.Calls;
using GemmaVk.Mcp.Permissions;
using GemmaVk.Mcp.Servers;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Tools that the server runs: for the page, by what its user says, and for requests that ask for it.</summary>
[Collection(ServerCollection.Name)]
public class ServedToolTests(PebbleServer pebble)
{
    private const string Script = """
        answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
        while IFS= read -r line; do
          id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<< "$line")
          case $line in
            *'"method":"initialize"'*) answer '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}' ;;
            *'"method":"tools/list"'*) answer '{"tools":[{"name":"turn_on","description":"Turn on a thing.","inputSchema":{"type":"object","properties":{"thing":{"type":"string","description":"The thing."}},"required":["thing"]}}]}' ;;
            *'"method":"tools/call"'*) answer '{"content":[{"type":"text","text":"it is on"}]}' ;;
            *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\n' "$id" ;;
          esac
        done
        """;

    [LinuxFact]
    public async Task The_page_asks_and_requests_run_what_may_be_run()
    {
        await using Toolbox box = await Toolbox.OpenAsync([new McpEntry("things") { Command = "bash", Arguments = ["-c", Script] }], OwnTools.Of(["calculator"], []), new ToolLimits { Rounds = 2 }, _ => { });
        ServerOptions options = new() { Port = 0, ModelName = "pebble", Tools = new ServedTools(box, new ToolPermissions([], [])) };
        await using GemmaServer server = await GemmaServer.StartAsync(options, () => PebbleServer.Load(1));
        await server.Loaded;
        using HttpClient client = new() { BaseAddress = server.Address };
        async Task<(int Status, JsonNode Body)> Send(string path, JsonNode? body)
        {
            using HttpResponseMessage response = body is null ? await client.GetAsync(path) : await client.PostAsync(path, new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
            return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
        }

        JsonArray tools = (await Send("gemmavk/tools", null)).Body["tools"]!.AsArray();
        Assert.Equal(["calculator always", "turn_on ask"], tools.Select(tool => $"{tool!["name"]} {tool["standing"]}"));
        JsonObject call = new() { ["name"] = "turn_on", ["arguments"] = new JsonObject { ["thing"] = "stone" } };
        (int status, JsonNode refused) = await Send("gemmavk/tools/call", call);
        Assert.Equal((403, "consent_needed"), (status, (string)refused["error"]!["code"]!));
        call["consent"] = "once";
        Assert.Equal("it is on", (string)(await Send("gemmavk/tools/call", call)).Body["content"]![0]!["text"]!);
        Assert.Equal(400, (await Send("gemmavk/tools/call", new JsonObject { ["name"] = "turn_on", ["consent"] = "once" })).Status);
        Assert.Equal(404, (await Send("gemmavk/tools/call", new JsonObject { ["name"] = "shell", ["arguments"] = new JsonObject() })).Status);

        // A request that asks for it runs what may be called without asking, and nothing else.
        JsonObject question = PebbleServer.Question("Turn on the stone.");
        Assert.Null((await Send("v1/chat/completions", question)).Body["choices"]![0]!["message"]!["tool_calls"]);
        question["run_tools"] = true;
        JsonNode denied = (await Send("v1/chat/completions", question)).Body;
        Assert.NotEqual("tool_calls", (string)denied["choices"]![0]!["finish_reason"]!);
        Assert.Equal("always", (string)(await Send("gemmavk/tools/consent", new JsonObject { ["name"] = "turn_on", ["consent"] = "always" })).Body["standing"]!);
        JsonNode ran = (await Send("v1/chat/completions", question)).Body;
        JsonNode message = ran["choices"]![0]!["message"]!;
        Assert.Null(message["tool_calls"]);
        Assert.NotEmpty((string)message["content"]!);
        Assert.True((int)ran["usage"]!["completion_tokens"]! > 10);

        question["stream"] = true;
        using HttpResponseMessage stream = await client.PostAsync("v1/chat/completions", new StringContent(question.ToJsonString(), Encoding.UTF8, "application/json"));
        IReadOnlyList<(string? Name, JsonNode Data)> events = PebbleServer.Events(await stream.Content.ReadAsStringAsync(), endsWithMark: true);
        string streamed = string.Concat(events.SelectMany(each => each.Data["choices"]!.AsArray()).Select(choice => (string?)choice!["delta"]!["content"]));
        Assert.Equal((string)message["content"]!, streamed);
        Assert.DoesNotContain(events, each => each.Data["choices"]!.AsArray().Any(choice => choice!["delta"]!["tool_calls"] is not null));

        Assert.Equal("never", (string)(await Send("gemmavk/tools/consent", new JsonObject { ["name"] = "turn_on", ["consent"] = "never" })).Body["standing"]!);
        Assert.Equal((403, "tool_denied"), ((await Send("gemmavk/tools/call", call)).Status, (string)(await Send("gemmavk/tools/call", call)).Body["error"]!["code"]!));
        Assert.Equal("ask", (string)(await Send("gemmavk/tools/consent", new JsonObject { ["name"] = "turn_on", ["consent"] = "ask" })).Body["standing"]!);
    }

    [Fact]
    public async Task A_server_without_tools_says_so()
    {
        JsonObject question = PebbleServer.Question("Hi");
        question["run_tools"] = true;
        (int status, JsonNode error) = await pebble.Refused("/v1/chat/completions", question.ToJsonString());
        Assert.Equal((400, "run_tools"), (status, (string)error["param"]!));
        Assert.Empty(JsonNode.Parse(await pebble.Client.GetStringAsync("gemmavk/tools"))!["tools"]!.AsArray());
    }
}
