using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using GemmaVk.Server.Http;
using GemmaVk.Server.Service;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>The published tables of fields are those that answer requests, and do what they say.</summary>
[Collection(ServerCollection.Name)]
public class FieldTableTests(PebbleServer server)
{
    private const string Begin = "<!-- fields: begin -->\n";
    private const string End = "<!-- fields: end -->";

    private static TheoryData<string, string> Of(Outcome outcome)
    {
        TheoryData<string, string> fields = [];
        foreach (FieldTable table in OpenApiEndpoint.Tables.Where(table => table.Address is "/v1/chat/completions" or "/v1/completions" or "/v1/responses" or "/v1/messages"))
        {
            foreach (KnownField field in table.All.Where(field => field.Outcome == outcome))
            {
                fields.Add(table.Address, field.Name);
            }
        }

        return fields;
    }

    public static TheoryData<string, string> Refused() => Of(Outcome.Refused);

    public static TheoryData<string, string> Ignored() => Of(Outcome.Ignored);

    [Fact]
    public void The_readme_has_the_tables()
    {
        string file = Repository.Path("src", "GemmaVk.Server", "README.md");
        string text = File.ReadAllText(file);
        int from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int to = text.IndexOf(End, StringComparison.Ordinal);
        string tables = string.Join("\n", OpenApiEndpoint.Tables.Select(Written));
        if (Environment.GetEnvironmentVariable("GEMMAVK_WRITE") == "1")
        {
            File.WriteAllText(file, text[..from] + tables + text[to..]);
            return;
        }

        Assert.Equal(tables, text[from..to]);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_refused_field_is_an_error_that_names_it(string address, string name)
    {
        JsonObject body = Body(address);
        body[name] = new JsonObject { ["x"] = 1 };
        (int status, JsonNode error) = await server.Refused(address, body.ToJsonString());
        Assert.Equal(400, status);
        Assert.Contains(name, (string)error["message"]!, StringComparison.Ordinal);
        if (address != "/v1/messages")
        {
            Assert.Equal((name, "unsupported_parameter"), ((string)error["param"]!, (string)error["code"]!));
        }
    }

    [Theory]
    [MemberData(nameof(Ignored))]
    public async Task A_field_that_changes_nothing_is_named(string address, string name)
    {
        JsonObject body = Body(address);
        body[name] = "x";
        using HttpResponseMessage response = await server.Post(address, body.ToJsonString());
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Equal(name, response.Headers.GetValues(FieldTable.Header).Single());
    }

    [Fact]
    public async Task Every_address_is_in_the_document()
    {
        JsonNode document = JsonNode.Parse(await server.Client.GetStringAsync("openapi.json"))!;
        Assert.Equal("3.1.0", (string)document["openapi"]!);
        JsonObject paths = document["paths"]!.AsObject();
        foreach (string path in (string[])["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/v1/messages/count_tokens", "/v1/audio/transcriptions",
            "/v1/audio/translations", "/v1/models", "/tokenize", "/detokenize", "/tokenizer_info", "/props", "/health", "/ready", "/metrics", "/gemmavk/status", "/gemmavk/media", "/gemmavk/sessions/{id}"])
        {
            Assert.True(paths.ContainsKey(path), path);
        }

        Assert.All(paths.SelectMany(path => path.Value!.AsObject()), operation => Assert.NotEqual("", (string)operation.Value!["summary"]!));
        Assert.NotNull(paths["/v1/chat/completions"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!["messages"]);
    }

    private static JsonObject Body(string address)
    {
        JsonArray messages = new(new JsonObject { ["role"] = "user", ["content"] = "Hi" });
        return address switch
        {
            "/v1/completions" => new JsonObject { ["prompt"] = "Hi", ["max_tokens"] = 1 },
            "/v1/responses" => new JsonObject { ["input"] = "Hi", ["max_output_tokens"] = 1 },
            _ => new JsonObject { ["messages"] = messages, ["max_tokens"] = 1 },
        };
    }

    private static string Written(FieldTable table)
    {
        StringBuilder text = new();
        text.Append($"### `{table.Address}`\n\n| Field | Outcome | |\n|---|---|---|\n");
        foreach (KnownField field in table.All)
        {
            text.Append($"| `{field.Name}` | {field.Outcome.ToString().ToLowerInvariant()} | {field.Note} |\n");
        }

        return text.ToString();
    }
}
