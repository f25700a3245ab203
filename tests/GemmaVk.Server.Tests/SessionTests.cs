using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Conversations are saved, listed, restored and deleted, and outlive the server.</summary>
public class SessionTests
{
    [Fact]
    public async Task A_conversation_outlives_the_server()
    {
        using TemporaryFolder folder = new();
        ServerOptions options = new() { Port = 0, ModelName = "pebble", SessionFolder = folder.Path };
        JsonObject question = PebbleServer.Question("What are you?");
        int prompt;
        await using (GemmaServer first = await GemmaServer.StartAsync(options, () => PebbleServer.Load(1)))
        {
            await first.Loaded;
            using HttpClient client = new() { BaseAddress = first.Address };
            JsonNode answer = await Post(client, ChatTests.Chat, question);
            prompt = (int)answer["usage"]!["prompt_tokens"]!;
            question["messages"]!.AsArray().Add(ChatTests.Message("assistant", (string)answer["choices"]![0]!["message"]!["content"]!));
            question["messages"]!.AsArray().Add(ChatTests.Message("user", "Count from one to three."));
            Assert.True((int)(await Post(client, "gemmavk/sessions/mine-1", question))["tokens"]! > prompt);
            using HttpResponseMessage wrong = await client.PostAsync("gemmavk/sessions/..%2Fmine", new StringContent(question.ToJsonString(), Encoding.UTF8, "application/json"));
            Assert.Contains(wrong.StatusCode, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.NotFound]);
        }

        await using GemmaServer second = await GemmaServer.StartAsync(options, () => PebbleServer.Load(1));
        await second.Loaded;
        using HttpClient other = new() { BaseAddress = second.Address };
        Assert.Contains("\"id\":\"mine-1\"", await other.GetStringAsync("gemmavk/sessions"), StringComparison.Ordinal);
        JsonNode restored = await Post(other, "gemmavk/sessions/mine-1/restore", []);
        JsonNode next = await Post(other, ChatTests.Chat, restored["conversation"]!.AsObject());
        Assert.Equal("one two three.", (string)next["choices"]![0]!["message"]!["content"]!);
        Assert.InRange((int)next["usage"]!["prompt_tokens_details"]!["cached_tokens"]!, prompt, (int)next["usage"]!["prompt_tokens"]!);
        using HttpResponseMessage unknown = await other.PostAsync("gemmavk/sessions/none/restore", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using HttpResponseMessage gone = await other.DeleteAsync("gemmavk/sessions/mine-1");
        Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static async Task<JsonNode> Post(HttpClient client, string path, JsonObject body)
    {
        using HttpResponseMessage response = await client.PostAsync(path, new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
