using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Requests that cannot be honoured: a status, an error in OpenAI's form, and the field that is to blame.</summary>
[Collection(ServerCollection.Name)]
public class RefusalTests(PebbleServer server)
{
    private const string Said = """ "messages":[{"role":"user","content":"Hi"}] """;

    [Theory]
    [InlineData("""{"messages":[]}""", 400, "messages")]
    [InlineData("""{}""", 400, "messages")]
    [InlineData("""{"messages":null}""", 400, "messages")]
    [InlineData("""{"messages":"Hi"}""", 400, "messages")]
    [InlineData("""{"messages":[7]}""", 400, "messages[0]")]
    [InlineData("""{"messages":[{"content":"Hi"}]}""", 400, "messages[0].role")]
    [InlineData("""{"messages":[{"role":"robot","content":"Hi"}]}""", 400, "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", 400, "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"hologram"}]}]}""", 400, "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", 400, "messages[0].content[0].text")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{}}]}]}""", 400, "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/x.png"}}]}]}""", 400, "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""", 400, "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,@@@"}}]}]}""", 400, "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""", 400, "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUv////8AAP//CAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="}}]}]}""", 400, "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"tape"}}]}]}""", 400, "messages[0].content[0].input_audio.format")]
    [InlineData("""{"messages":[{"role":"tool","tool_call_id":"x","content":"ok"}]}""", 400, "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{"}}]},{"role":"tool","tool_call_id":"a","content":""}]}""", 400, "messages")]
    [InlineData("{" + Said + ""","model":"gpt-5"}""", 404, "model")]
    [InlineData("{" + Said + ""","temperature":NaN}""", 400, null)]
    [InlineData("{" + Said + ""","temperature":1e999}""", 400, "temperature")]
    [InlineData("{" + Said + ""","temperature":-1}""", 400, "temperature")]
    [InlineData("{" + Said + ""","temperature":"hot"}""", 400, "temperature")]
    [InlineData("{" + Said + ""","top_p":2}""", 400, "top_p")]
    [InlineData("{" + Said + ""","top_k":1.5}""", 400, "top_k")]
    [InlineData("{" + Said + ""","n":1000000}""", 400, "n")]
    [InlineData("{" + Said + ""","n":0}""", 400, "n")]
    [InlineData("{" + Said + ""","max_tokens":0}""", 400, "max_tokens")]
    [InlineData("{" + Said + ""","stop":["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q"]}""", 400, "stop")]
    [InlineData("{" + Said + ""","stop":""}""", 400, "stop")]
    [InlineData("{" + Said + ""","stop":7}""", 400, "stop")]
    [InlineData("{" + Said + ""","seed":"x"}""", 400, "seed")]
    [InlineData("{" + Said + ""","stream":"yes"}""", 400, "stream")]
    [InlineData("{" + Said + ""","tools":[{"type":"web_search"}]}""", 400, "tools[0].type")]
    [InlineData("{" + Said + ""","tools":[{"type":"function","function":{}}]}""", 400, "tools[0].function.name")]
    [InlineData("{" + Said + ""","tool_choice":"required"}""", 400, "tool_choice")]
    [InlineData("{" + Said + ""","tool_choice":"sometimes"}""", 400, "tool_choice")]
    [InlineData("{" + Said + ""","tool_choice":{"type":"function","function":{"name":"f"}}}""", 400, "tool_choice")]
    [InlineData("{" + Said + ""","response_format":{"type":"xml"}}""", 400, "response_format.type")]
    [InlineData("{" + Said + ""","response_format":{"type":"json_schema","json_schema":{"name":"x"}}}""", 400, "response_format.json_schema.schema")]
    [InlineData("{" + Said + ""","response_format":{"type":"json_object"},"stop":"x"}""", 400, "stop")]
    [InlineData("{" + Said + ""","response_format":{"type":"json_object"},"guided_regex":"a"}""", 400, "guided_regex")]
    [InlineData("{" + Said + ""","guided_regex":"(a)\\1"}""", 400, "guided_regex")]
    [InlineData("{" + Said + ""","reasoning_effort":"furious"}""", 400, "reasoning_effort")]
    [InlineData("{" + Said + ""","logit_bias":{"x":1}}""", 400, "logit_bias")]
    [InlineData("{" + Said + ""","logit_bias":{"5":1000}}""", 400, "logit_bias.5")]
    [InlineData("{" + Said + ""","top_logprobs":3}""", 400, "top_logprobs")]
    [InlineData("{" + Said + ""","logprobs":true,"top_logprobs":21}""", 400, "top_logprobs")]
    [InlineData("{" + Said + ""","presence_penalty":9}""", 400, "presence_penalty")]
    [InlineData("{" + Said + ""","messages":[]}""", 400, null)]
    [InlineData("{" + Said + ""","tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}]}""", 400, "tools[1].function.name")]
    [InlineData("{" + Said + ""","stream":true,"stream":false}""", 400, null)]
    [InlineData("[1]", 400, null)]
    [InlineData("{", 400, null)]
    [InlineData("", 400, null)]
    public async Task It_says_what_is_wrong(string body, int status, string? param)
    {
        (int came, JsonNode error) = await server.Refused(ChatTests.Chat, body);
        Assert.Equal(status, came);
        Assert.Equal(param, (string?)error["param"]);
        Assert.Equal(["code", "message", "param", "type"], error.AsObject().Select(field => field.Key).Order());
        Assert.NotEqual("", (string)error["message"]!);
        Assert.Equal(status == 404 ? "not_found_error" : "invalid_request_error", (string)error["type"]!);
    }

    [Theory]
    [InlineData("", "The body is empty")]
    [InlineData(" \n", "The body is empty")]
    [InlineData("{\"a\":1,\n\"b\":}", "from byte 5 of line 2 on")]
    [InlineData("{\"a\":{\"seed\":1,\"seed\":2}}", "says \"seed\" twice")]
    [InlineData("7", "The body is a number")]
    [InlineData("null", "The body is null")]
    public async Task A_body_that_is_none_is_described_in_plain_words(string body, string says)
    {
        (int status, JsonNode error) = await server.Refused(ChatTests.Chat, body);
        Assert.Equal((400, "invalid_json"), (status, (string)error["code"]!));
        Assert.Contains(says, (string)error["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1/chat/completions")]
    [InlineData("v1/messages")]
    [InlineData("v1/responses")]
    public async Task Depth_is_refused_in_plain_words_wherever_it_stands(string path)
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"type\":\"object\",\"properties\":{\"a\":", depth)) + "{}" + string.Concat(Enumerable.Repeat("}}", depth));
        (int status, JsonNode error) = await server.Refused(path, Nested(400));
        Assert.Equal(400, status);
        Assert.Contains("nested deeper than 256 levels", (string)error["message"]!, StringComparison.Ordinal);
        string tool = path switch
        {
            "v1/messages" => $$"""{"name":"f","input_schema":{{Nested(100)}}}""",
            "v1/responses" => $$"""{"type":"function","name":"f","parameters":{{Nested(100)}}}""",
            _ => $$$"""{"type":"function","function":{"name":"f","parameters":{{{Nested(100)}}}}}""",
        };
        string body = path == "v1/responses" ? """ "input":"Hi" """ : """ "max_tokens":1,"messages":[{"role":"user","content":"Hi"}] """;
        (status, error) = await server.Refused(path, $"{{{body},\"tools\":[{tool}]}}");
        Assert.Equal(400, status);
        Assert.Contains("nested deeper", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"\"", "expected")]
    [InlineData("\" \"", "expected")]
    [InlineData("7", "expected")]
    public async Task A_schema_that_is_none_is_refused(string schema, string says)
    {
        (int status, JsonNode error) = await server.Refused(ChatTests.Chat, "{" + Said + ""","response_format":{"type":"json_schema","json_schema":{"name":"x","schema":""" + schema + "}}}");
        Assert.Equal((400, "response_format.json_schema.schema"), (status, (string)error["param"]!));
        Assert.Contains(says, (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_thousand_messages_are_refused_at_once()
    {
        string many = string.Join(',', Enumerable.Repeat("{\"role\":\"user\",\"content\":\"x\"}", 100_000));
        (int status, JsonNode error) = await server.Refused(ChatTests.Chat, $$"""{"messages":[{{many}}]}""");
        Assert.Equal((400, "too_many_messages"), (status, (string)error["code"]!));
    }

    [Theory]
    [InlineData("user")]
    [InlineData("system")]
    [InlineData("assistant")]
    public async Task An_empty_message_is_a_message(string role)
    {
        foreach (string content in (string[])["\"\"", "null", "[]", "[{\"type\":\"text\",\"text\":\"\"}]"])
        {
            using HttpResponseMessage response = await server.Post(ChatTests.Chat, $$"""{"max_tokens":1,"messages":[{"role":"user","content":"Hi"},{"role":"{{role}}","content":{{content}}},{"role":"user","content":"Hi"}]}""");
            Assert.True(response.IsSuccessStatusCode, $"{content}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task A_schema_without_end_and_a_catastrophic_expression_are_answered_at_once()
    {
        JsonObject question = PebbleServer.Question("Hi");
        question["max_tokens"] = 8;
        question["guided_regex"] = "(a+)+(b|(c*)*)*x?";
        Assert.NotNull((await server.Ask(ChatTests.Chat, question))["choices"]);
        question.Remove("guided_regex");
        question["guided_json"] = JsonNode.Parse("""{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"},{"type":"null"}]}}}""");
        using HttpResponseMessage endless = await server.Post(ChatTests.Chat, question.ToJsonString());
        Assert.Contains((int)endless.StatusCode, (int[])[200, 400]);
        question["guided_json"] = JsonNode.Parse("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}""");
        using HttpResponseMessage loop = await server.Post(ChatTests.Chat, question.ToJsonString());
        Assert.Equal(HttpStatusCode.BadRequest, loop.StatusCode);
    }

    [Fact]
    public async Task Too_much_of_anything_is_refused()
    {
        JsonObject question = PebbleServer.Question("Hi");
        question["messages"] = new JsonArray([.. Enumerable.Range(0, 300).Select(_ => ChatTests.Message("user", "x"))]);
        (int status, JsonNode error) = await server.Refused(ChatTests.Chat, question.ToJsonString());
        Assert.Equal((400, "too_many_messages"), (status, (string)error["code"]!));

        question["messages"] = new JsonArray(ChatTests.Message("user", string.Concat(Enumerable.Repeat("stone ", 3000))));
        (status, error) = await server.Refused(ChatTests.Chat, question.ToJsonString());
        Assert.Equal((400, "context_length_exceeded"), (status, (string)error["code"]!));

        string picture = ChatTests.DataOf("picture-0.png", "image/png");
        question["messages"] = new JsonArray(ChatTests.Message("user", new JsonArray([.. Enumerable.Range(0, 9).Select(_ =>
            (JsonNode)new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = picture } })])));
        (status, error) = await server.Refused(ChatTests.Chat, question.ToJsonString());
        Assert.Equal((400, "too_many_media"), (status, (string)error["code"]!));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_by_its_length_alone()
    {
        using TcpClient socket = new();
        await socket.ConnectAsync(server.Server.Address.Host, server.Server.Address.Port);
        await using NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /{ChatTests.Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\nContent-Type: application/json\r\n\r\n"));
        using StreamReader reader = new(stream);
        string head = (await reader.ReadLineAsync())!;
        Assert.Contains("413", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_types_methods_and_addresses()
    {
        using HttpResponseMessage type = await server.Client.PostAsync(ChatTests.Chat, new StringContent("<x/>", Encoding.UTF8, "application/xml"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, type.StatusCode);
        using HttpResponseMessage method = await server.Client.GetAsync(ChatTests.Chat);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.NotNull(JsonNode.Parse(await method.Content.ReadAsStringAsync())!["error"]!["message"]);
        using HttpResponseMessage address = await server.Client.GetAsync("v1/embeddings");
        Assert.Equal(HttpStatusCode.NotFound, address.StatusCode);
        Assert.Equal("not_found_error", (string)JsonNode.Parse(await address.Content.ReadAsStringAsync())!["error"]!["type"]!);
    }

    [Fact]
    public async Task What_changes_nothing_is_named()
    {
        JsonObject question = PebbleServer.Question("What are you?");
        question["max_tokens"] = 1;
        question["mirostat"] = 2;
        question["user"] = "me";
        question["stop"] = null;
        question["n"] = null;
        question["response_format"] = null;
        question["tools"] = new JsonArray();
        using HttpResponseMessage response = await server.Post(ChatTests.Chat, question.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("mirostat, user", string.Join(", ", response.Headers.GetValues("x-gemmavk-ignored").Single().Split(", ").Order()));
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
        Assert.Equal("0", response.Headers.GetValues("x-gemmavk-queue-position").Single().ToString(CultureInfo.InvariantCulture));
    }
}
