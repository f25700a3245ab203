using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Xunit;

namespace GemmaVk.Server.Tests.Wire;

/// <summary>The bytes of streams and bodies are those that are written down in golden/. GEMMAVK_WRITE=1 writes them.</summary>
[Collection(ServerCollection.Name)]
public class WireTests(PebbleServer server)
{
    public static TheoryData<string, string> Shapes()
    {
        TheoryData<string, string> shapes = [];
        foreach (string name in WireScripts.All.Keys)
        {
            shapes.Add("chat", name);
            shapes.Add("messages", name);
            shapes.Add("responses", name);
        }

        foreach (string name in WireScripts.OfChat.Keys)
        {
            shapes.Add("chat", name);
        }

        foreach (string name in WireScripts.OfResponses.Keys)
        {
            shapes.Add("responses", name);
        }

        return shapes;
    }

    internal static WireScript Script(string name) => (WireScripts.All.GetValueOrDefault(name) ?? WireScripts.OfChat.GetValueOrDefault(name) ?? WireScripts.OfResponses[name])();

    internal static string Folder => Repository.Path("tests", "GemmaVk.Server.Tests", "golden");

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_stream_is_the_written_bytes(string api, string name) =>
        Same(Path.Combine(Folder, api, $"{name}.sse"), Script(name).Stream(api, server.Model));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_body_is_the_written_bytes(string api, string name)
    {
        if (name is not ("failure" or "late" or "ending"))
        {
            Same(Path.Combine(Folder, api, $"{name}.json"), Script(name).Whole(api, server.Model));
        }
    }

    [Fact]
    public void There_are_forty_shapes_at_least() => Assert.True(Shapes().Count() >= 40);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_chunk_of_chat_has_what_clients_look_for(string api, string name)
    {
        if (api != "chat")
        {
            return;
        }

        WireScript script = Script(name);
        string text = script.Stream(api, server.Model);
        bool fails = !text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal);
        IReadOnlyList<(string? Name, JsonNode Data)> events = PebbleServer.Events(text, !fails);
        HashSet<int> roles = [];
        Dictionary<int, int> calls = [];
        foreach (JsonNode chunk in (fails ? events.SkipLast(1) : events).Select(each => each.Data))
        {
            Assert.Equal("chat.completion.chunk", (string)chunk["object"]!);
            Assert.Equal((string)events[0].Data["id"]!, (string)chunk["id"]!);
            Assert.NotNull(chunk["created"]);
            Assert.NotNull(chunk["model"]);
            foreach (JsonNode? choice in chunk["choices"]!.AsArray())
            {
                JsonObject body = choice!.AsObject();
                Assert.True(body.ContainsKey("finish_reason"));
                Assert.Contains((string?)body["finish_reason"], (string?[])[null, "stop", "length", "tool_calls"]);
                JsonObject delta = body["delta"]!.AsObject();
                int index = (int)body["index"]!;
                Assert.Equal(!delta.ContainsKey("role"), roles.Contains(index));
                roles.Add(index);
                Assert.False(delta.ContainsKey("reasoning_content") && delta.ContainsKey("content"));
                Assert.Equal(delta.ContainsKey("role"), delta.ContainsKey("content") && delta["content"] is null);
                foreach (JsonNode? call in delta["tool_calls"]?.AsArray() ?? [])
                {
                    // Without an id it is more of the call before.
                    bool more = !call!.AsObject().ContainsKey("id");
                    Assert.Equal(calls.GetValueOrDefault(index) - (more ? 1 : 0), (int)call["index"]!);
                    calls[index] = (int)call["index"]! + 1;
                    if (script.Asked.CallPieces)
                    {
                        Assert.Equal(!more, call["function"]!.AsObject().ContainsKey("name"));
                        continue;
                    }

                    Assert.False(more);
                    Assert.Equal("function", (string)call["type"]!);
                    Assert.StartsWith("call_", (string)call["id"]!);
                    JsonNode.Parse((string)call["function"]!["arguments"]!);
                }
            }
        }

        Assert.All(events.Where(each => each.Data["choices"] is JsonArray { Count: 0 }), each => Assert.NotNull(each.Data["usage"]));
    }

    private static void Same(string file, string text)
    {
        if (Environment.GetEnvironmentVariable("GEMMAVK_WRITE") == "1")
        {
            File.WriteAllText(file, text);
        }

        Assert.Equal(File.ReadAllText(file), text);
    }
}
