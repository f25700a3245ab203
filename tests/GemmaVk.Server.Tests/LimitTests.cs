using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>
/// Times that run out, bodies that come packed or not at all, and a device that is lost under a running server. What must not run out of time on a
/// slow machine is asked of a server whose limit is another one.
/// </summary>
public class LimitTests
{
    private static StringContent Body(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static async Task<(HttpResponseMessage Response, JsonNode Error)> Fails(HttpClient client, JsonObject body)
    {
        HttpResponseMessage response = await client.PostAsync(ChatTests.Chat, Body(body));
        string text = await response.Content.ReadAsStringAsync();
        Assert.False(response.IsSuccessStatusCode, text);
        return (response, JsonNode.Parse(text)!["error"]!);
    }

    private static JsonObject Endless(GemmaServer server)
    {
        JsonObject endless = PebbleServer.Question("Tell me a story.");
        (endless["max_tokens"], endless["temperature"], endless["logit_bias"]) = (3900, 1.9, new JsonObject(server.Model.Engine.StopIds.Select(id => new System.Collections.Generic.KeyValuePair<string, JsonNode?>($"{id}", -100))));
        // Every token is looked at by the host, which no machine does so often in half a second.
        (endless["logprobs"], endless["top_logprobs"], endless["frequency_penalty"], endless["presence_penalty"]) = (true, 20, 0.1, 0.1);
        return endless;
    }

    [Fact]
    public async Task A_turn_that_does_not_come_in_time_is_said()
    {
        ServerOptions options = new() { Port = 0, ModelName = "pebble", LongestWait = TimeSpan.FromSeconds(0.3), AlsoReasoning = true };
        await using GemmaServer small = await GemmaServer.StartAsync(options, () => PebbleServer.Load(1, 4096));
        await small.Loaded;
        using HttpClient client = new() { BaseAddress = small.Address };
        JsonObject thought = PebbleServer.Question("What is 47 + 85?");
        thought["max_tokens"] = 8;
        thought["chat_template_kwargs"] = new JsonObject { ["enable_thinking"] = true };
        using HttpResponseMessage thinks = await client.PostAsync(ChatTests.Chat, Body(thought));
        JsonNode message = JsonNode.Parse(await thinks.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!;
        Assert.NotEqual("", (string)message["reasoning"]!);
        Assert.Equal((string)message["reasoning_content"]!, (string)message["reasoning"]!);

        // A turn that is held by nobody's answer, until all who wait have been told.
        using (Answers.Admission.Place place = small.Model.Queue.Enter())
        {
            TaskCompletionSource<bool> held = new();
            Task<bool> holds = place.Run(() => held.Task, CancellationToken.None);
            (HttpResponseMessage late, JsonNode error) = await Fails(client, PebbleServer.Question("Hi"));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "queue_time"), (late.StatusCode, (string)error["code"]!));
            Assert.Equal("2", late.Headers.GetValues("Retry-After").Single());
            Assert.Contains("--queue-time", (string)error["message"]!, StringComparison.Ordinal);
            JsonObject streamed = PebbleServer.Question("Hi");
            streamed["stream"] = true;
            using HttpResponseMessage stream = await client.PostAsync(ChatTests.Chat, Body(streamed));
            Assert.Contains("\"code\":\"queue_time\"", (await stream.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
            held.SetResult(true);
            await holds;
        }

        Assert.Equal(default, small.Model.Queue.Load);
        string metrics = await client.GetStringAsync("metrics");
        Assert.Contains("gemmavk_queue_timeouts_total 2", metrics, StringComparison.Ordinal);
        Assert.Contains("gemmavk_queue_time_seconds_count 4", metrics, StringComparison.Ordinal);

        // Rows of the conversation that is answered, not one conversation of one.
        using CancellationTokenSource enough = new();
        Task<HttpResponseMessage> writing = client.PostAsync(ChatTests.Chat, Body(Endless(small)), enough.Token);
        double rows = 0;
        while (rows == 0 && !writing.IsCompleted)
        {
            Match used = Regex.Match(await client.GetStringAsync("metrics"), "^vllm:kv_cache_usage_perc (.*)$", RegexOptions.Multiline);
            rows = double.Parse(used.Groups[1].Value, CultureInfo.InvariantCulture) * 4096;
        }

        Assert.InRange(rows, 1, 4000);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public async Task Answers_and_bodies_that_take_too_long_end_and_a_lost_device_is_seen()
    {
        ServerOptions options = new() { Port = 0, ModelName = "pebble", LongestAnswer = TimeSpan.FromSeconds(0.5), BodyPatience = TimeSpan.FromSeconds(1.1) };
        await using GemmaServer small = await GemmaServer.StartAsync(options, () => PebbleServer.Load(1, 4096));
        await small.Loaded;
        using HttpClient client = new() { BaseAddress = small.Address };
        Task<string> silent = Silent(small.Address);
        (HttpResponseMessage slow, JsonNode why) = await Fails(client, Endless(small));
        Assert.Equal((HttpStatusCode.RequestTimeout, "timeout", "timeout_error"), (slow.StatusCode, (string)why["code"]!, (string)why["type"]!));
        Assert.Equal("false", slow.Headers.GetValues("x-should-retry").Single());
        Assert.StartsWith("HTTP/1.1 408", await silent, StringComparison.Ordinal);

        // The driver's answer reaches the server as this exception, whatever asked for the pass.
        DeviceLostException lost = new("the device stopped answering", "step", ["MatVec"]);
        await new Gate(options, small.State).Pass(new DefaultHttpContext { Request = { Host = new HostString("localhost"), Path = "/x" } }, _ => throw lost);
        foreach (string path in (string[])["health", "ready", "v1/models"])
        {
            using HttpResponseMessage red = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, red.StatusCode);
            Assert.Contains("device_lost", await red.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Fails(client, PebbleServer.Question("Hi"))).Response.StatusCode);
        Assert.Contains("gemmavk_device_lost 1", await client.GetStringAsync("metrics"), StringComparison.Ordinal);
    }

    // A request whose body never comes.
    private static async Task<string> Silent(Uri address)
    {
        using TcpClient client = new();
        await client.ConnectAsync(address.Host, address.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /{ChatTests.Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"));
        using StreamReader reader = new(stream);
        return await reader.ReadLineAsync() ?? "";
    }
}

/// <summary>Bodies that come packed.</summary>
[Collection(ServerCollection.Name)]
public class PackedBodyTests(PebbleServer server)
{
    private async Task<(HttpStatusCode Status, string Text)> Post(byte[] body, string encoding)
    {
        using ByteArrayContent content = new(body) { Headers = { { "Content-Type", "application/json" }, { "Content-Encoding", encoding } } };
        using HttpResponseMessage response = await server.Client.PostAsync(ChatTests.Chat, content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static byte[] Packed(byte[] body, string encoding)
    {
        using MemoryStream packed = new();
        using (Stream stream = encoding switch { "gzip" => new GZipStream(packed, CompressionLevel.Fastest), "br" => new BrotliStream(packed, CompressionLevel.Fastest), _ => new ZLibStream(packed, CompressionLevel.Fastest) })
        {
            stream.Write(body);
        }

        return packed.ToArray();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_packed_body_is_unpacked_as_far_as_bodies_may_be(string encoding)
    {
        byte[] body = Encoding.UTF8.GetBytes(PebbleServer.Question("What are you?").ToJsonString());
        (HttpStatusCode status, string text) = await Post(Packed(body, encoding), encoding);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("I am Pebble", text, StringComparison.Ordinal);
        (status, text) = await Post(Packed(new byte[server.Options.MostBodyBytes + 1], encoding), encoding);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("--max-body", text, StringComparison.Ordinal);
        (status, text) = await Post([.. "no such thing"u8, .. body], encoding);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("invalid_encoding", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_encoding_is_refused()
    {
        (HttpStatusCode status, string text) = await Post("{}"u8.ToArray(), "zstd");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.Contains("zstd", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("{}"u8.ToArray(), "identity")).Status);
    }
}
