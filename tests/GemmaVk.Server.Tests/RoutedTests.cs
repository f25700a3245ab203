using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Rules;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>A server whose rules lead some requests elsewhere: to the other server of these tests, and only by the consent of whoever asks.</summary>
[Collection(ServerCollection.Name)]
public class RoutedTests(PebbleServer far)
{
    private const string Sentence = "I am Pebble, a tiny model with the shape of Gemma 4 12B.";

    [Fact]
    public async Task Requests_leave_by_the_hash_of_what_was_shown_and_not_otherwise()
    {
        using TemporaryFolder folder = new();
        RouteFile route = RouteFile.Read("--route", folder.Write("route.json", $$"""
            {"endpoints": {"far": {"url": "{{far.Address}}v1", "model": "pebble", "max_tokens": 64} },
             "rules": [{"when": {"mark": "@far"}, "then": "cloud", "endpoint": "far"}],
             "redact": {"names": ["Bob"]}, "audit": "audit.jsonl"}
            """)) with { LedgerPath = folder["spending.jsonl"] };
        await using GemmaServer server = await GemmaServer.StartAsync(new ServerOptions { Port = 0, ModelName = "pebble", Route = route }, () => PebbleServer.Load(1));
        await server.Loaded;
        using HttpClient client = new() { BaseAddress = server.Address };
        async Task<(int Status, string? Route, string Body)> Send(JsonNode body)
        {
            using HttpResponseMessage response = await client.PostAsync("v1/chat/completions", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
            return ((int)response.StatusCode, response.Headers.TryGetValues("x-gemmavk-route", out var values) ? values.Single() : null, await response.Content.ReadAsStringAsync());
        }

        Assert.Equal((200, "local"), await Send(PebbleServer.Question("What are you?")) is var (status, by, _) ? (status, by) : default);
        JsonObject question = PebbleServer.Question("What are you? @far");
        (int asked, _, string shown) = await Send(question);
        JsonNode outgoing = JsonNode.Parse(shown)!["outgoing"]!;
        Assert.Equal((409, "consent_needed"), (asked, (string)JsonNode.Parse(shown)!["error"]!["code"]!));
        Assert.False(File.Exists(folder["audit.jsonl"]));

        question["route_consent"] = (string)outgoing["sha256"]!;
        (int sent, string? route1, string answer) = await Send(question);
        Assert.Equal((200, "far", Sentence), (sent, route1, (string)JsonNode.Parse(answer)!["choices"]![0]!["message"]!["content"]!));
        Assert.Equal((string)outgoing["body"]!, (string)JsonNode.Parse(File.ReadLines(folder["audit.jsonl"]).First())!["body"]!);
        Assert.DoesNotContain("@far", (string)outgoing["body"]!);

        // The hash is of these bytes and no others; "local" keeps them here; a stream goes the same ways.
        question["messages"]![0]!["content"] = "Who is Bob? @far";
        (int other, _, string again) = await Send(question);
        Assert.Equal(409, other);
        Assert.DoesNotContain("Bob", (string)JsonNode.Parse(again)!["outgoing"]!["body"]!);
        question["route_consent"] = "local";
        Assert.Equal((200, "local"), await Send(question) is var (kept, here, _) ? (kept, here) : default);
        question["route_consent"] = (string)JsonNode.Parse(again)!["outgoing"]!["sha256"]!;
        question["stream"] = true;
        (int streamed, string? route2, string text) = await Send(question);
        Assert.Equal((200, "far"), (streamed, route2));
        Assert.NotEmpty(string.Concat(PebbleServer.Events(text, endsWithMark: true).SelectMany(each => each.Data["choices"]!.AsArray()).Select(choice => (string?)choice!["delta"]!["content"])));
        Assert.Equal(2, File.ReadLines(folder["audit.jsonl"]).Count(line => line.Contains("\"event\":\"sent\"")));
    }
}
