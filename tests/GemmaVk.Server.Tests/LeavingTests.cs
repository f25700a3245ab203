using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Callers that go away, a queue that is full, and a server that ends.</summary>
[Collection(ServerCollection.Name)]
public class LeavingTests(PebbleServer server)
{
    private static JsonObject Long() => new(PebbleServer.Question("Tell me a story.").Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())))
    {
        ["max_tokens"] = 600,
        ["temperature"] = 1.8,
        ["stream"] = true,
        ["logit_bias"] = null,
    };

    [Fact]
    public async Task A_thousand_callers_hang_up_and_nothing_is_left_of_them()
    {
        JsonNode before = await server.Ask(ChatTests.Chat, PebbleServer.Question("What are you?"));
        // The first of them open sessions and threads that stay.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.Ask(ChatTests.Chat, PebbleServer.Question($"Tell me a story of {i} stones."))));
        await HangUp(40, 1);
        await AtRest();
        (int threads, int files, long held) = Held();
        await HangUp(1000, 2);
        await AtRest();
        // A socket is closed when the server has seen the end of it, and threads that a busy machine made more of go after twenty seconds.
        await Until(() => Held() is var (some, open, _) && some <= threads + 24 && open <= files + 10, () => $"{Held()} are held, {(threads, files)} were");
        Assert.Equal(held, Held().Bytes);
        JsonNode again = await server.Ask(ChatTests.Chat, PebbleServer.Question("What are you?"));
        Assert.Equal((string)before["choices"]![0]!["message"]!["content"]!, (string)again["choices"]![0]!["message"]!["content"]!);
    }

    [Fact]
    public async Task A_caller_that_goes_stops_the_work_within_a_step()
    {
        // One that reads no rest of an answer to use its connection again.
        using SocketsHttpHandler hasty = new() { MaxResponseDrainSize = 0 };
        using HttpClient caller = new(hasty) { BaseAddress = server.Server.Address };
        // An answer that is whole before its caller has gone tells nothing: another is asked for.
        long stopped = 0;
        for (int i = 0; i < 5 && stopped == 0; i++)
        {
            (long cancelled, long ended) = (server.Model.Figures.Cancelled, Ended());
            JsonObject endless = Long();
            (endless["max_tokens"], endless["logit_bias"]) = (1900, new JsonObject(server.Model.Engine.StopIds.Select(id => KeyValuePair.Create($"{id}", (JsonNode?)(-100)))));
            using HttpRequestMessage request = new(HttpMethod.Post, ChatTests.Chat) { Content = new StringContent(endless.ToJsonString(), Encoding.UTF8, "application/json") };
            using (HttpResponseMessage response = await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
            {
                await using Stream stream = await response.Content.ReadAsStreamAsync();
                await stream.ReadExactlyAsync(new byte[600]);
            }

            await AtRest();
            await Until(() => Ended() > ended, () => "the answer is not counted");
            stopped = server.Model.Figures.Cancelled - cancelled;
        }

        Assert.Equal(1, stopped);
        long Ended() => server.Model.Figures is var figures ? figures.Cancelled + figures.Stopped + figures.CutOff + figures.Failed : 0;
    }

    [Fact]
    public async Task A_slow_reader_holds_nobody_up()
    {
        using TcpClient slow = await Sends(Long(), 0);
        // Nothing is read of the stream, and others are answered.
        for (int i = 0; i < 3; i++)
        {
            await server.Ask(ChatTests.Chat, PebbleServer.Question("What are you?"));
        }
    }

    [Fact]
    public async Task A_full_queue_says_when_to_come_again()
    {
        ServerOptions options = new() { Port = 0, ModelName = "pebble", MostWaiting = 1, Grace = TimeSpan.FromMinutes(2) };
        await using GemmaServer small = await GemmaServer.StartAsync(options, () => PebbleServer.Load(1));
        using HttpClient client = new() { BaseAddress = small.Address };
        using HttpResponseMessage loading = await client.GetAsync("ready");
        await small.Loaded;

        // Two that together are longer than all that was planned for: one waits for the other.
        int ten = small.Model.Engine.Tokenizer.Encode(string.Concat(Enumerable.Repeat("stone ", 10)), specials: false).Length;
        JsonObject half = PebbleServer.Question(string.Concat(Enumerable.Repeat("stone ", 13_000 / ten)));
        half["max_tokens"] = 1;
        HttpResponseMessage[] both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => client.PostAsync(ChatTests.Chat, new StringContent(half.ToJsonString(), Encoding.UTF8, "application/json"))));
        string[] told = await Task.WhenAll(both.Select(each => each.Content.ReadAsStringAsync()));
        Assert.All(both, each => Assert.Equal(HttpStatusCode.OK, each.StatusCode));
        Assert.True(told.Sum(each => (int)JsonNode.Parse(each)!["usage"]!["total_tokens"]!) > small.Model.PlannedRows, told[0]);

        async Task<HttpResponseMessage> Ask() => await client.PostAsync(ChatTests.Chat, new StringContent(Long().ToJsonString(), Encoding.UTF8, "application/json"));
        HttpResponseMessage[] answers;
        // What runs ends once all the others have their answer, however fast it is: one waits, five are too many.
        using (Answers.Admission.Place place = small.Model.Queue.Enter())
        {
            TaskCompletionSource<bool> held = new();
            Task<bool> holds = place.Run(() => held.Task, CancellationToken.None);
            Task<HttpResponseMessage>[] asked = [.. Enumerable.Range(0, 6).Select(_ => Ask())];
            while (asked.Count(each => each.IsCompleted) < 5)
            {
                await Task.Delay(5);
            }

            held.SetResult(true);
            await holds;
            answers = await Task.WhenAll(asked);
        }

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        HttpResponseMessage full = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal("2", full.Headers.GetValues("Retry-After").Single());
        Assert.Equal("true", full.Headers.GetValues("x-should-retry").Single());
        Assert.Contains("1", answers.Where(answer => answer.IsSuccessStatusCode).SelectMany(answer => answer.Headers.GetValues("x-gemmavk-queue-position")));

        // Told to end, it finishes what runs and waits, and takes nothing new; it cannot have ended before it was asked that.
        Task stopping;
        Task<HttpResponseMessage> last;
        using (Answers.Admission.Place place = small.Model.Queue.Enter())
        {
            TaskCompletionSource<bool> held = new();
            Task<bool> holds = place.Run(() => held.Task, CancellationToken.None);
            last = Ask();
            await Until(() => small.Model.Queue.Load.Waiting == 1, () => "nothing waits");
            stopping = small.StopAsync();
            using HttpResponseMessage late = await Ask();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
            Assert.True(late.Headers.Contains("Retry-After"));
            held.SetResult(true);
            await holds;
        }

        using HttpResponseMessage finished = await last;
        Assert.EndsWith("data: [DONE]\n\n", await finished.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await stopping;
    }

    private (int Threads, int Files, long Bytes) Held()
    {
        using Process process = Process.GetCurrentProcess();
        int files = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;
        return (process.Threads.Count, files, server.Model.Engine.Backend.Ledger.HeldBytes);
    }

    private Task AtRest() => Until(() => server.Model.Queue.Load == default, () => "answers still run after their callers went away");

    private static async Task Until(Func<bool> isSo, Func<string> otherwise)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(watch.Elapsed.TotalSeconds < 60, otherwise());
            await Task.Delay(5);
        }
    }

    private async Task HangUp(int callers, int seed)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, callers), new ParallelOptions { MaxDegreeOfParallelism = 40 }, async (i, _) =>
        {
            Random random = new((seed * 100_000) + i);
            // At most some bytes of the request, or a while after all of them.
            using TcpClient client = await Sends(Long(), random.Next(4) == 0 ? random.Next(400) : 0);
            await Task.Delay(random.Next(4) == 0 ? random.Next(60) : 0, CancellationToken.None);
            client.LingerState = new LingerOption(random.Next(2) == 0, 0);
        });
    }

    private async Task<TcpClient> Sends(JsonObject body, int bytes)
    {
        TcpClient client = new();
        await client.ConnectAsync(server.Server.Address.Host, server.Server.Address.Port);
        string json = body.ToJsonString();
        byte[] request = Encoding.UTF8.GetBytes($"POST /{ChatTests.Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");
        await client.GetStream().WriteAsync(request.AsMemory(0, bytes > 0 ? Math.Min(bytes, request.Length) : request.Length));
        return client;
    }
}
