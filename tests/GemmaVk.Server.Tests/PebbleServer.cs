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

// Every engine uses all cores: two at a time would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GemmaVk.Server.Tests;

/// <summary>The small model on the CPU behind a server in this process, loaded once for all tests.</summary>
public sealed class PebbleServer : IAsyncLifetime
{
    private readonly TemporaryFolder _sessions = new();
    private GemmaServer? _server;

    /// <summary>Folder below which the server reads files.</summary>
    public string MediaRoot => Path.Combine(Repository.Root, "weights", "examples");

    internal GemmaServer Server => _server!;

    internal ServerOptions Options { get; private set; } = new();

    internal ServedModel Model { get; private set; } = null!;

    public HttpClient Client { get; private set; } = new();

    public string Address => _server!.Address.ToString();

    public static GemmaEngine Load(int sessions, int context = 2048) =>
        GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = sessions, Context = context });

    public async Task InitializeAsync()
    {
        Options = new ServerOptions
        {
            Port = 0,
            ModelName = "pebble",
            MediaRoots = [MediaRoot],
            MostBodyBytes = 4 << 20,
            MostMessages = 200,
            MostMedia = 8,
            SessionFolder = _sessions.Path,
        };
        _server = await GemmaServer.StartAsync(Options, () => Load(4));
        await _server.Loaded;
        Model = _server.Model;
        Client = new HttpClient { BaseAddress = _server.Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _server!.DisposeAsync();
        _sessions.Dispose();
    }

    /// <summary>Posts JSON.</summary>
    public Task<HttpResponseMessage> Post(string path, string json) => Client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Posts JSON that must be answered, and reads the answer.</summary>
    public async Task<JsonNode> Ask(string path, JsonNode body)
    {
        using HttpResponseMessage response = await Post(path, body.ToJsonString());
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Posts JSON that must be refused, and gives the status and the error.</summary>
    public async Task<(int Status, JsonNode Error)> Refused(string path, string json)
    {
        using HttpResponseMessage response = await Post(path, json);
        string text = await response.Content.ReadAsStringAsync();
        Assert.False(response.IsSuccessStatusCode, text);
        return ((int)response.StatusCode, JsonNode.Parse(text)!["error"]!);
    }

    /// <summary>Posts JSON and reads the events of the stream, up to its mark.</summary>
    public async Task<IReadOnlyList<(string? Name, JsonNode Data)>> Stream(string path, JsonNode body, bool endsWithMark = true)
    {
        body["stream"] = true;
        using HttpResponseMessage response = await Post(path, body.ToJsonString());
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return Events(text, endsWithMark);
    }

    /// <summary>The events of a stream's text.</summary>
    public static IReadOnlyList<(string? Name, JsonNode Data)> Events(string text, bool endsWithMark)
    {
        List<(string?, JsonNode)> events = [];
        string[] blocks = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(endsWithMark, blocks[^1] == "data: [DONE]");
        foreach (string block in endsWithMark ? blocks[..^1] : blocks)
        {
            string[] lines = [.. block.Split('\n').Where(line => !line.StartsWith(':'))];
            if (lines.Length > 0)
            {
                string? name = lines[0].StartsWith("event: ", StringComparison.Ordinal) ? lines[0]["event: ".Length..] : null;
                string data = Assert.Single(lines, line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..];
                events.Add((name, JsonNode.Parse(data)!));
            }
        }

        return events;
    }

    /// <summary>A greedy question to chat completions.</summary>
    public static JsonObject Question(string text) => new()
    {
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        ["temperature"] = 0,
        ["max_tokens"] = 64,
    };
}

[CollectionDefinition(Name)]
public sealed class ServerCollection : ICollectionFixture<PebbleServer>
{
    public const string Name = "server";
}
