using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>A call while it is written, where a request asks for that.</summary>
[Collection(ServerCollection.Name)]
public class CallPieceTests(PebbleServer server)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_comes_in_pieces_only_if_that_is_asked_for(bool pieces)
    {
        JsonObject question = PebbleServer.Question("Turn on the map.");
        question["tools"] = ChatTests.Tools();
        question["tool_call_pieces"] = pieces;
        IReadOnlyList<(string? Name, JsonNode Data)> events = await server.Stream(ChatTests.Chat, question);
        JsonNode[] calls = [.. events.SelectMany(each => each.Data["choices"]!.AsArray()).SelectMany(choice => choice!["delta"]!["tool_calls"]?.AsArray() ?? []).Select(call => call!)];
        Assert.Equal(pieces, calls.Length > 2);
        Assert.Equal("turn_on", (string)calls[0]["function"]!["name"]!);
        Assert.Equal(1, calls.Count(call => call.AsObject().ContainsKey("id")));
        Assert.All(calls, call => Assert.Equal(0, (int)call["index"]!));
        Assert.Equal("""{"thing":"map"}""", string.Concat(calls.Select(call => (string)call["function"]!["arguments"]!)));
        Assert.Equal("tool_calls", events.SelectMany(each => each.Data["choices"]!.AsArray()).Select(choice => (string?)choice!["finish_reason"]).Last());
    }
}
