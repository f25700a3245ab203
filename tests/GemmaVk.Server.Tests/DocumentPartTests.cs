using System;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Documents in requests: read in memory, quoted in front of the question, refused with the field that has them.</summary>
[Collection(ServerCollection.Name)]
public class DocumentPartTests(PebbleServer server)
{
    private const string World = "# Codes\n\nThe code of Dan is 021. The hen sleeps near the castle.";
    private static readonly string Data = Convert.ToBase64String(Encoding.UTF8.GetBytes(World));

    private async Task<(int Tokens, JsonNode Answer)> Chat(string part)
    {
        using HttpResponseMessage response = await server.Post(
            ChatTests.Chat, $$$"""{"messages":[{"role":"user","content":[{{{part}}}{"type":"text","text":"What is the code of Dan?"}]}],"max_tokens":4,"temperature":0}""");
        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True(response.IsSuccessStatusCode, answer.ToJsonString());
        return ((int)answer["usage"]!["prompt_tokens"]!, answer);
    }

    [Fact]
    public async Task A_file_is_quoted_in_front_of_the_question()
    {
        (int without, _) = await Chat("");
        (int tokens, JsonNode answer) = await Chat($$$"""{"type":"file","file":{"filename":"/secret/place/world.md","file_data":"data:text/markdown;base64,{{{Data}}}"}},""");
        Assert.True(tokens > without + 40, $"{tokens} tokens with it, {without} without");
        Assert.Contains("world.md: MARKDOWN, ", answer.ToJsonString());
        Assert.DoesNotContain("secret", answer.ToJsonString());
        (int bare, _) = await Chat($$$"""{"type":"input_file","filename":"world.md","file_data":"{{{Data}}}"},""");
        Assert.Equal(tokens, bare);
        (int block, _) = await Chat($$$"""{"type":"document","title":"world.md","source":{"type":"base64","media_type":"text/markdown","data":"{{{Data}}}"}},""");
        Assert.Equal(tokens, block);
        (int text, _) = await Chat($$$"""{"type":"document","title":"world.md","source":{"type":"text","media_type":"text/plain","data":{{{JsonValue.Create(World)!.ToJsonString()}}}}},""");
        Assert.Equal(tokens, text);
    }

    [Fact]
    public async Task Each_sentence_says_where_it_came_from_and_the_text_stays_as_it_is()
    {
        const string Said = "The hen sleeps near the castle. Birds fly over 99 seas.";
        JsonObject question = (JsonObject)JsonNode.Parse(
            $$$"""
            {"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"world.md","file_data":"{{{Data}}}"}},{"type":"text","text":"Where is it?"}]}],
             "max_tokens":100,"temperature":0,"guided_regex":"{{{Said.Replace(".", "[.]")}}}"}
            """)!;
        JsonNode choice = (await server.Ask(ChatTests.Chat, question))["choices"]![0]!;
        Assert.Equal(Said, (string)choice["message"]!["content"]!);
        JsonArray cited = choice["citations"]!.AsArray();
        Assert.Equal(["The hen sleeps near the castle.", "Birds fly over 99 seas."], cited.Select(each => Said[(int)each!["start"]!..(int)each["end"]!]));
        Assert.Equal((false, "world.md"), ((bool)cited[0]!["own"]!, (string)cited[0]!["file"]!));
        Assert.True(cited[0]!.AsObject().ContainsKey("page") && cited[0]!["page"] is null);
        Assert.StartsWith("Codes\nThe code of Dan is 021.", (string)cited[0]!["text"]!, StringComparison.Ordinal);
        Assert.True((bool)cited[1]!["own"]!);
        Assert.False(cited[1]!.AsObject().ContainsKey("file"));

        // A later question of the same conversation can be answered from the same document; a stream says so in its last chunk alone.
        question["messages"]!.AsArray().Add(JsonNode.Parse("""{"role":"assistant","content":"There."}"""));
        question["messages"]!.AsArray().Add(JsonNode.Parse("""{"role":"user","content":"Where?"}"""));
        JsonNode[] chunks = [.. (await server.Stream(ChatTests.Chat, question)).Select(each => each.Data["choices"]![0]!)];
        Assert.Equal(cited.ToJsonString(), chunks[^1]["citations"]!.ToJsonString());
        Assert.Equal("stop", (string)chunks[^1]["finish_reason"]!);
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk["citations"]));
        Assert.Equal(Said, string.Concat(chunks.Select(chunk => (string?)chunk["delta"]!["content"])));

        // Without documents nobody asked where anything came from.
        Assert.False((await server.Ask(ChatTests.Chat, PebbleServer.Question("What are you?")))["choices"]![0]!.AsObject().ContainsKey("citations"));
    }

    [Fact]
    public async Task What_the_context_does_not_hold_is_looked_up()
    {
        string large = Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Join("\n\n", Enumerable.Range(0, 300).Select(i => $"The hen {i} sleeps near the castle, and it is cloudy today in all of the land.")) + "\n\nThe code of Dan is 021."));
        (_, JsonNode answer) = await Chat($$$"""{"type":"file","file":{"filename":"large.txt","file_data":"{{{large}}}"}},""");
        Assert.Contains("passages are looked up", answer.ToJsonString());
    }

    [Fact]
    public async Task Responses_and_messages_take_documents_too()
    {
        using HttpResponseMessage responses = await server.Post(
            "v1/responses", $$$"""{"input":[{"role":"user","content":[{"type":"input_file","filename":"world.md","file_data":"{{{Data}}}"},{"type":"input_text","text":"What is the code of Dan?"}]}],"max_output_tokens":16}""");
        Assert.True(responses.IsSuccessStatusCode, await responses.Content.ReadAsStringAsync());
        using HttpResponseMessage messages = await server.Post(
            "v1/messages", $$$"""{"max_tokens":4,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"{{{Data}}}"}},{"type":"text","text":"What is the code of Dan?"}]}]}""");
        Assert.True(messages.IsSuccessStatusCode, await messages.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"type":"file","file":{"file_id":"f-1"}}""", "messages[0].content[0].file.file_id")]
    [InlineData("""{"type":"input_file","file_url":"https://example.org/a.pdf"}""", "messages[0].content[0].file_url")]
    [InlineData("""{"type":"file","file":{"file_data":"@@@"}}""", "messages[0].content[0].file.file_data")]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"JVBERi0xLjQK"}}""", "messages[0].content[0].file.file_data")]
    [InlineData("""{"type":"file","file":{"file_data":"AAECAwQFBgcAAQIDBAUGBw=="}}""", "messages[0].content[0].file.file_data")]
    [InlineData("""{"type":"document","source":{"type":"url","url":"https://example.org/a.pdf"}}""", "messages[0].content[0].source.type")]
    [InlineData("""{"type":"document"}""", "messages[0].content[0].source")]
    [InlineData("""{"type":"file","file":{"file_data":"ICA="}}""", "messages[0].content")]
    public async Task What_cannot_be_read_is_refused_with_its_field(string part, string param)
    {
        (int status, JsonNode error) = await server.Refused(ChatTests.Chat, $$$"""{"messages":[{"role":"user","content":[{{{part}}}]}]}""");
        Assert.Equal((400, param), (status, (string?)error["param"]));
    }
}
