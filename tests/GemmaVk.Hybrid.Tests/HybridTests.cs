using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Hybrid.Spending;
using GemmaVk.Tensors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Hybrid.Tests;

/// <summary>The router: what it sends, to whom, and what it does not.</summary>
public sealed class HybridTests : IClassFixture<FarSide>, IDisposable
{
    private const string Sentence = "I am Pebble, a tiny model with the shape of Gemma 4 12B.";
    private readonly TemporaryFolder _folder = new();
    private readonly FarSide _far;

    public HybridTests(FarSide far)
    {
        _far = far;
        far.Came.Clear();
        far.Instead = null;
    }

    public void Dispose() => _folder.Dispose();

    private RouteFile File(string rules, string more = "", string endpoint = "") => RouteFile.Read("--route", _folder.Write("route.json", $$$$"""
        {
          "endpoints": {"far": {"url": "{{{{_far.Url}}}}", "model": "pebble", "max_tokens": 64, "seconds": 60 {{{{endpoint}}}} }},
          "rules": [{{{{rules}}}}],
          "audit": "audit.jsonl" {{{{more}}}}
        }
        """)) with { LedgerPath = _folder["spending.jsonl"] };

    private HybridChatClient Client(RouteFile file, IChatClient near, Consent? consent) => new(near, file, consent, text => _far.Engine.Tokenizer.Encode(text, specials: false).Length);

    private static async Task<(string Text, object? Route)> Ask(IChatClient client, string text, ChatOptions? options = null)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, text)], options ?? new ChatOptions { Temperature = 0 }))
        {
            updates.Add(update);
        }

        return (updates.ToChatResponse().Text, Assert.Single(updates.Select(update => update.AdditionalProperties![HybridChatClient.Route]).Distinct()));
    }

    private JsonElement[] Audit() => [.. System.IO.File.ReadLines(_folder["audit.jsonl"]).Select(line => JsonElement.Parse(line))];

    /// <summary>A half of a character is no UTF-8: what is shown, noted and sent is the mark that stands for it, and an endpoint that takes none of it is quoted.</summary>
    [Fact]
    public async Task An_endpoint_that_rejects_the_bytes_of_a_message_is_quoted_and_costs_nothing()
    {
        _far.Instead = context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.Body.WriteAsync((byte[])[.. "invalid utf-8: "u8, 0xFF, 0xC3, 0x1B]).AsTask();
        };
        Consent consent = new(true);
        RouteFile file = File("""{"when": {"mark": "@cloud"}, "then": "cloud", "endpoint": "far"}""", """, "spending": {"limit": 5}""", """, "input_price": 1, "output_price": 1""");
        using HybridChatClient client = Client(file, new Near(), consent);
        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => Ask(client, "broken \uD83D half @cloud"));
        Assert.Contains("endpoint far: expected an answer, but status 400 came: invalid utf-8: \uFFFD", error.Message);
        Assert.DoesNotContain('\u001B', error.Message);
        string body = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Assert.Single(_far.Came));
        Assert.Contains("broken \uFFFD half", JsonElement.Parse(body).GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal(body, Assert.Single(consent.Shown).Body);
        JsonElement[] audit = Audit();
        Assert.Equal((body, "status 400"), (audit[0].GetProperty("body").GetString(), audit[1].GetProperty("outcome").GetString()));
        Assert.Equal(0, new Ledger(file.LedgerPath, TimeProvider.System).Spent(file.Limit!));
    }

    [Fact]
    public async Task What_leaves_is_shown_consented_to_and_noted_byte_for_byte()
    {
        Environment.SetEnvironmentVariable("GEMMAVK_TEST_KEY", "sk-secret-1");
        Consent consent = new(true);
        Near near = new();
        using HybridChatClient client = Client(
            File("""{"when": {"mark": "@cloud"}, "then": "cloud", "endpoint": "far"}""", """, "redact": {"names": ["Bob"], "patterns": [{"name": "phone", "pattern": "\\d{6,}"}]}""", """, "key_env": "GEMMAVK_TEST_KEY" """), near, consent);
        Assert.Equal(("near", "local"), await Ask(client, "What are you?"));
        Assert.Empty(_far.Came);
        Assert.Equal((Sentence, "far"), await Ask(client, "What are you? @cloud"));
        await Ask(client, "@cloud I am Bob, call 5551234567 \u2028 <ä>");

        Assert.Equal(2, consent.Shown.Count);
        string[] bodies = [.. _far.Came.Select(Encoding.UTF8.GetString)];
        Assert.Equal(bodies, consent.Shown.Select(shown => shown.Body));
        Assert.DoesNotContain("Bob", bodies[1]);
        Assert.DoesNotContain("555123", bodies[1]);
        Assert.DoesNotContain("@cloud", string.Concat(bodies));
        Assert.Contains("I am [NAME 1], call [PHONE 1] ", bodies[1]);
        Assert.Equal([("name", 1), ("phone", 1)], consent.Shown[1].Taken.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal("Bearer sk-secret-1", _far.Authorization);

        JsonElement[] audit = Audit();
        JsonElement[] sent = [.. audit.Where(line => line.GetProperty("event").GetString() == "sent")];
        Assert.Equal(2, sent.Length);
        for (int i = 0; i < sent.Length; i++)
        {
            Assert.Equal(_far.Came[i], Encoding.UTF8.GetBytes(sent[i].GetProperty("body").GetString()!));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_far.Came[i])), sent[i].GetProperty("sha256").GetString());
        }

        Assert.Equal(["answered", "answered"], audit.Where(line => line.GetProperty("event").GetString() == "ended").Select(line => line.GetProperty("outcome").GetString()!));
        Assert.DoesNotContain("sk-secret", System.IO.File.ReadAllText(_folder["audit.jsonl"]));
        Assert.True(!OperatingSystem.IsLinux() || System.IO.File.GetUnixFileMode(_folder["audit.jsonl"]) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task Without_consent_nothing_leaves()
    {
        const string Rule = """{"then": "cloud", "endpoint": "far"}""";
        using HybridChatClient refused = Client(File(Rule), new Near(), new Consent(false));
        Assert.Equal(("near", "local"), await Ask(refused, "What are you?"));
        using HybridChatClient nobody = Client(File(Rule), new Near(), null);
        Assert.Contains("nobody can be asked here; nothing was sent", (await Assert.ThrowsAsync<GemmaVkException>(() => Ask(nobody, "What are you?"))).Message);
        System.IO.Directory.CreateDirectory(_folder["audit.jsonl"]);
        using HybridChatClient unwritten = Client(File(Rule), new Near(), new Consent(true));
        Assert.Contains("expected to write down what leaves", (await Assert.ThrowsAsync<GemmaVkException>(() => Ask(unwritten, "What are you?"))).Message);
        Assert.Empty(_far.Came);
    }

    [Fact]
    public async Task The_local_model_is_tried_first_and_left_on_failure_or_after_its_time()
    {
        RouteFile file = File("""{"then": "local_first", "endpoint": "far", "local_seconds": 1}""");
        Consent consent = new(true);
        using (HybridChatClient well = Client(file, new Near(), consent))
        {
            Assert.Equal(("near", "local"), await Ask(well, "What are you?"));
        }

        using (HybridChatClient failing = Client(file, new Near(fails: new GemmaVkException("the context is full.")), consent))
        {
            Assert.Equal((Sentence, "far"), await Ask(failing, "What are you?"));
            Assert.Contains("the local model failed (rule 1): the context is full.", consent.Shown[^1].Why);
        }

        using (HybridChatClient slow = Client(file, new Near(hangs: true), consent))
        {
            Assert.Equal((Sentence, "far"), await Ask(slow, "What are you?"));
            Assert.Contains("no words within 1 s", consent.Shown[^1].Why);
        }

        using HybridChatClient refused = Client(file, new Near(fails: new GemmaVkException("the context is full.")), new Consent(false));
        Assert.Equal("the context is full.", (await Assert.ThrowsAsync<GemmaVkException>(() => Ask(refused, "What are you?"))).Message);
        using HybridChatClient only = Client(File("""{"then": "local_first", "endpoint": "far", "on": "time", "local_seconds": 1}"""), new Near(fails: new GemmaVkException("broken.")), consent);
        Assert.Equal("broken.", (await Assert.ThrowsAsync<GemmaVkException>(() => Ask(only, "What are you?"))).Message);
        using CancellationTokenSource cancel = new(100);
        using HybridChatClient left = Client(File("""{"then": "local_first", "endpoint": "far", "local_seconds": 60}"""), new Near(hangs: true), consent);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left.GetResponseAsync([new ChatMessage(ChatRole.User, "x")], cancellationToken: cancel.Token));
        Assert.Equal(2, _far.Came.Count);
    }

    [Fact]
    public async Task Pictures_tools_and_results_go_with_the_conversation()
    {
        using HybridChatClient client = Client(File("""{"then": "cloud", "endpoint": "far"}""", """, "redact": {"names": ["secret"]}"""), new Near(), new Consent(true));
        ChatOptions options = new() { Temperature = 0, Tools = [AIFunctionFactory.Create((string thing) => "on", "turn_on", "Turn on a thing.")] };
        List<ChatMessage> talk = [new(ChatRole.User, "Turn on the map.")];
        ChatResponse first = await client.GetResponseAsync(talk, options);
        FunctionCallContent call = Assert.Single(first.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.Equal(("turn_on", "map"), (call.Name, call.Arguments!["thing"]!.ToString()));
        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        talk.AddRange(first.Messages);
        talk.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "a secret is on")]));
        Assert.NotEmpty((await client.GetResponseAsync(talk, options)).Text);
        Assert.Contains("a [NAME 1] is on", Encoding.UTF8.GetString(_far.Came[^1]));

        byte[] picture = System.IO.File.ReadAllBytes(Repository.Example("picture-0.png"));
        ChatResponse seen = await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(picture, "image/png"), new TextContent("What is in this picture?")])], new ChatOptions { Temperature = 0 });
        Assert.NotEmpty(seen.Text);
        Assert.True(seen.Usage!.OutputTokenCount > 0);
        Assert.Contains(Convert.ToBase64String(picture), Encoding.UTF8.GetString(_far.Came[^1]));
        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, [new UriContent("file:///etc/passwd", "image/png")])]));
        Assert.Contains("nothing was sent", error.Message);
    }

    [Fact]
    public async Task Spending_ends_at_the_limit()
    {
        RouteFile file = File("""{"then": "cloud", "endpoint": "far"}""", """, "spending": {"limit": 0.02, "per": "ever", "currency": "EUR"}""", """, "input_price": 10, "output_price": 100 """);
        using HybridChatClient client = Client(file, new Near(), new Consent(true));
        Assert.Equal("far", (await Ask(client, "What are you?")).Route);
        decimal cost = new Spending.Ledger(file.LedgerPath, TimeProvider.System).Spent(file.Limit!);
        Assert.InRange(cost, 0.0005m, 0.004m);
        Assert.Contains("nothing was sent", (await Assert.ThrowsAsync<GemmaVkException>(() => Ask(client, string.Concat(Enumerable.Repeat("what? ", 400))))).Message);
        Assert.Single(_far.Came);

        // What a killed program did not settle counts as the most that it could cost; what was refused costs nothing.
        _far.Instead = context =>
        {
            context.Response.StatusCode = 401;
            return context.Response.WriteAsync("no such key");
        };
        Assert.Contains("status 401 came: no such key", (await Assert.ThrowsAsync<GemmaVkException>(() => Ask(client, "Hi"))).Message);
        Assert.Equal(cost, new Spending.Ledger(file.LedgerPath, TimeProvider.System).Spent(file.Limit!));
    }

    [Theory]
    [InlineData("redirect", "status 307 came")]
    [InlineData("html", "expected an answer of /chat/completions")]
    [InlineData("error", "ended its answer: out of paper")]
    [InlineData("call", "expected arguments of f as a JSON object")]
    [InlineData("hang", "expected an answer within 1 s")]
    [InlineData("flood", "expected at most 16")]
    [InlineData("nobody", "Check its \"url\"")]
    public async Task An_endpoint_that_is_broken_ends_in_a_sentence(string way, string sentence)
    {
        _far.Instead = async context =>
        {
            switch (way)
            {
                case "redirect":
                    context.Response.Redirect("http://127.0.0.1:1/", permanent: false, preserveMethod: true);
                    break;
                case "hang":
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                    break;
                case "flood":
                    string block = new('x', 1 << 20);
                    for (int i = 0; i < 40 && !context.RequestAborted.IsCancellationRequested; i++)
                    {
                        await context.Response.WriteAsync(block);
                    }

                    break;
                default:
                    await context.Response.WriteAsync($"data: {way switch
                    {
                        "html" => "<html>",
                        "error" => "{\"error\":{\"message\":\"out of paper\"}}",
                        _ => "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"[1\"}}]}}]}",
                    }}\n\n");
                    break;
            }
        };
        RouteFile file = File("""{"then": "cloud", "endpoint": "far"}""");
        Sending.Endpoint endpoint = file.Endpoints["far"] with { Time = TimeSpan.FromSeconds(way == "hang" ? 1 : 60), Url = way == "nobody" ? new Uri("http://127.0.0.1:1/v1") : file.Endpoints["far"].Url };
        using HybridChatClient client = Client(file with { Endpoints = new Dictionary<string, Sending.Endpoint> { ["far"] = endpoint } }, new Near(), new Consent(true));
        Assert.Contains(sentence, (await Assert.ThrowsAsync<GemmaVkException>(() => Ask(client, "What are you?"))).Message);
    }

    [Fact]
    public async Task The_local_model_answers_through_the_router_as_it_does_alone()
    {
        using GemmaChatClient near = new(_far.Engine);
        using HybridChatClient client = new(near, File("""{"when": {"tokens_over": 10}, "then": "cloud", "endpoint": "far"}"""), new Consent(true), text => _far.Engine.Tokenizer.Encode(text, specials: false).Length);
        Assert.Equal((Sentence, "local"), await Ask(client, "What are you?"));
        Assert.Equal("far", (await Ask(client, string.Concat(Enumerable.Repeat("one two three ", 10)))).Route);
        Assert.Same(_far.Engine, client.GetService(typeof(GemmaEngine)));
    }
}
