using System;
using System.Collections.Generic;
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

        Assert.Equal((200, "local"), await Send(client, PebbleServer.Question("What are you?")) is var (status, by, _) ? (status, by) : default);
        JsonObject question = PebbleServer.Question("What are you? @far");
        (int asked, _, string shown) = await Send(client, question);
        JsonNode outgoing = JsonNode.Parse(shown)!["outgoing"]!;
        Assert.Equal((409, "consent_needed"), (asked, (string)JsonNode.Parse(shown)!["error"]!["code"]!));
        Assert.False(File.Exists(folder["audit.jsonl"]));

        question["route_consent"] = (string)outgoing["sha256"]!;
        (int sent, string? route1, string answer) = await Send(client, question);
        Assert.Equal((200, "far", Sentence), (sent, route1, (string)JsonNode.Parse(answer)!["choices"]![0]!["message"]!["content"]!));
        Assert.Equal((string)outgoing["body"]!, (string)JsonNode.Parse(File.ReadLines(folder["audit.jsonl"]).First())!["body"]!);
        Assert.DoesNotContain("@far", (string)outgoing["body"]!);

        // The hash is of these bytes and no others; "local" keeps them here; a stream goes the same ways.
        question["messages"]![0]!["content"] = "Who is Bob? @far";
        (int other, _, string again) = await Send(client, question);
        Assert.Equal(409, other);
        Assert.DoesNotContain("Bob", (string)JsonNode.Parse(again)!["outgoing"]!["body"]!);
        question["route_consent"] = "local";
        Assert.Equal((200, "local"), await Send(client, question) is var (kept, here, _) ? (kept, here) : default);
        question["route_consent"] = (string)JsonNode.Parse(again)!["outgoing"]!["sha256"]!;
        question["stream"] = true;
        (int streamed, string? route2, string text) = await Send(client, question);
        Assert.Equal((200, "far"), (streamed, route2));
        Assert.NotEmpty(string.Concat(PebbleServer.Events(text, endsWithMark: true).SelectMany(each => each.Data["choices"]!.AsArray()).Select(choice => (string?)choice!["delta"]!["content"])));
        Assert.Equal(2, File.ReadLines(folder["audit.jsonl"]).Count(line => line.Contains("\"event\":\"sent\"")));
    }

    [Fact]
    public async Task The_model_here_is_tried_and_an_endpoint_asked_for_where_it_fails_or_is_slow()
    {
        using TemporaryFolder folder = new();
        RouteFile file = RouteFile.Read("--route", folder.Write("route.json", $$"""
            {"endpoints": {"far": {"url": "{{far.Address}}v1", "model": "pebble", "max_tokens": 64} },
             "rules": [{"name": "patience", "then": "local_first", "endpoint": "far", "local_seconds": 60}], "audit": "audit.jsonl"}
            """)) with { LedgerPath = folder["spending.jsonl"] };
        List<RouteRule> rules = [.. file.Rules];
        RouteRule patience = rules[0];
        ServerOptions options = new() { Port = 0, ModelName = "pebble", Route = file with { Rules = rules } };
        JsonObject question = PebbleServer.Question("What are you?");
        JsonObject large = Large("First");
        await using (GemmaServer server = await GemmaServer.StartAsync(options, () => PebbleServer.Load(1)))
        {
            await server.Loaded;
            using HttpClient client = new() { BaseAddress = server.Address };
            (int status, string? route, string text) = await Send(client, question);
            Assert.Equal((200, "local", Sentence), (status, route, Content(text)));

            // Nothing was sent when the time is over, of a stream neither: it may still be asked for.
            rules[0] = patience with { LocalTime = TimeSpan.FromMilliseconds(1) };
            large["stream"] = true;
            (status, _, text) = await Send(client, large);
            JsonNode outgoing = JsonNode.Parse(text)!["outgoing"]!;
            Assert.Equal((409, "the local model had no words within 0.001 s (patience)"), (status, (string)outgoing["why"]!));
            Assert.False(File.Exists(folder["audit.jsonl"]));
            large["route_consent"] = "local";
            Assert.Equal((200, "local"), await Send(client, large) is var (kept, here, _) ? (kept, here) : default);
            large["route_consent"] = (string)outgoing["sha256"]!;
            (status, route, text) = await Send(client, large);
            Assert.Equal((200, "far"), (status, route));
            Assert.Contains("data: [DONE]", text);
            Assert.Equal(2, File.ReadLines(folder["audit.jsonl"]).Count());

            // A consent to other bytes is none, and the question is tried here before it is asked for another.
            rules[0] = patience;
            question["route_consent"] = large["route_consent"]!.DeepClone();
            Assert.Equal((200, "local"), await Send(client, question) is var (tried, who, _) ? (tried, who) : default);
        }

        // The model that fails gives its place back, and where the rule does not ask for that the failure is the answer.
        await using GemmaServer failing = await GemmaServer.StartAsync(options with { LongestAnswer = TimeSpan.FromMilliseconds(1) }, () => PebbleServer.Load(1));
        await failing.Loaded;
        using HttpClient caller = new() { BaseAddress = failing.Address };
        foreach (string begin in (string[])["Second", "Third"])
        {
            (int status, _, string text) = await Send(caller, Large(begin));
            Assert.Equal(409, status);
            Assert.StartsWith("the local model failed (patience): ", (string)JsonNode.Parse(text)!["outgoing"]!["why"]!);
        }

        rules[0] = patience with { OnFailure = false };
        (int failed, _, string said) = await Send(caller, Large("Fourth"));
        Assert.NotEqual(409, failed);
        Assert.Contains("error", said);
    }

    /// <summary>A question that takes long to take in, and of which no other has the beginning in its cache.</summary>
    private static JsonObject Large(string begin) => PebbleServer.Question(begin + string.Concat(Enumerable.Repeat(" the stone lies on the table.", 170)) + " What are you?");

    private static string Content(string body) => (string)JsonNode.Parse(body)!["choices"]![0]!["message"]!["content"]!;

    private static async Task<(int Status, string? Route, string Body)> Send(HttpClient client, JsonNode body)
    {
        using HttpResponseMessage response = await client.PostAsync("v1/chat/completions", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, response.Headers.TryGetValues("x-gemmavk-route", out var values) ? values.Single() : null, await response.Content.ReadAsStringAsync());
    }
}
