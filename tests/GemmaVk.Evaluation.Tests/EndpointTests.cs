using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Endpoints;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Subjects;
using GemmaVk.Tensors;
using Xunit;
using static GemmaVk.Evaluation.Tests.ScriptedServer;

namespace GemmaVk.Evaluation.Tests;

/// <summary>Servers that misbehave.</summary>
public sealed class EndpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_busy_server_is_asked_again_after_the_time_it_names()
    {
        using ScriptedServer server = new(Sends("{}", "429 Too Many Requests", "Retry-After: 1\r\n"), Sends("{}", "503 Service Unavailable", "Retry-After: 0\r\n"), Says("4"));
        long start = Stopwatch.GetTimestamp();
        Assert.Equal("4", (await Ask(server)).Text);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 60);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_wants_to_be_left_alone_for_long_ends_the_run()
    {
        using ScriptedServer server = new(Sends("{}", "429 Too Many Requests", "Retry-After: 3600\r\n"));
        Assert.Contains("it is busy (429), and asks to come again after 3600 s", (await Refused(server)).Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_web_page_is_called_one()
    {
        using ScriptedServer server = new(Sends("<html><body>Welcome</body></html>", type: "text/html; charset=utf-8"));
        Assert.Contains("expected JSON, but a web page (HTML) came", (await Refused(server)).Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_server_that_hangs_is_left()
    {
        using ScriptedServer server = new(Hang);
        EndpointException error = await Refused(server, options => options with { Timeout = TimeSpan.FromSeconds(0.3), Attempts = 2 });
        Assert.Contains("no answer came within 0.3 s (--endpoint-timeout), 2 times", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"choices\":[{\"mess")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: appl")]
    [InlineData("")]
    [InlineData("hello\r\n\r\n")]
    public async Task An_answer_that_breaks_off_is_asked_for_again(string half)
    {
        using ScriptedServer server = new(half, half, Says("4"));
        Assert.Equal("4", (await Ask(server)).Text);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("401 Unauthorized", "", "the server refuses the key (401)")]
    [InlineData("302 Found", "Location: http://127.0.0.1:1/elsewhere\r\n", "the server sends elsewhere (302, http://127.0.0.1:1/elsewhere)")]
    [InlineData("404 Not Found", "", "there is no such path (404: no such model)")]
    [InlineData("500 Internal Server Error", "", "it failed (500: no such model), 3 times")]
    public async Task What_does_not_pass_ends_the_run(string status, string headers, string sentence)
    {
        using ScriptedServer server = new(Sends("""{"error":{"message":"no such model"}}""", status, headers));
        Assert.Contains(sentence, (await Refused(server)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[{"message":7}]}""")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[{"function":{"name":"f"}}]}}]}""")]
    public async Task JSON_of_another_form_ends_the_run(string body)
    {
        using ScriptedServer server = new(Sends(body));
        Assert.Contains("expected an answer in OpenAI's form", (await Refused(server)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"choices":[{"text":"Aé b","logprobs":{"tokens":["A","é"," b"],"token_logprobs":[null,-1,-2],"text_offset":[0,1,2]}}]}""", -2)]
    [InlineData("""{"choices":[{"text":"Aé b","logprobs":{"tokens":["A","é ","b"],"token_logprobs":[null,-1,-2],"text_offset":[0,1,3]}}]}""", -3)]
    [InlineData("""{"choices":[{"text":"Aé b","logprobs":{"tokens":["A","é b"],"token_logprobs":[null,-7],"text_offset":[0,1]}}]}""", -7)]
    public async Task A_choices_tokens_are_found_in_the_echo(string body, double weight)
    {
        using ScriptedServer server = new(Sends(body));
        EndpointOptions options = Options(server);
        using Endpoint endpoint = new(options);
        Question question = Read("""{"raw":true,"prompt":"Aé","choices":[" b"," b"],"answer":0}""")[0];
        Assert.Equal([weight, weight], await new EndpointSubject(endpoint, options, "m").WeighAsync(question, CancellationToken.None));
    }

    [Theory]
    [InlineData("""{"choices":[{"text":"b","logprobs":{"tokens":["b"],"token_logprobs":[-1],"text_offset":[0]}}]}""")]
    [InlineData("""{"choices":[{"text":" b","logprobs":null}]}""")]
    [InlineData("""{"choices":[{"text":"Aé b","logprobs":{"tokens":["A","é"," b"],"token_logprobs":[null,-1,null],"text_offset":[0,1,2]}}]}""")]
    public async Task A_server_that_echoes_no_likelihoods_is_called_one(string body)
    {
        using ScriptedServer server = new(Sends(body));
        EndpointOptions options = Options(server);
        using Endpoint endpoint = new(options);
        Question question = Read("""{"raw":true,"prompt":"Aé","choices":[" b"," c"],"answer":0}""")[0];
        EndpointException error = await Assert.ThrowsAsync<EndpointException>(() => new EndpointSubject(endpoint, options, "m").WeighAsync(question, CancellationToken.None));
        Assert.Contains("may not support echo with logprobs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_dies_in_the_middle_is_gone_on_with_and_nothing_counts_twice()
    {
        Question[] questions = Read(string.Join('\n', Enumerable.Range(0, 10).Select(i => $$"""{"id":"q{{i}}","prompt":"2 + 2","answer":"4"}""")));
        Dictionary<string, string> origin = new() { ["endpoint"] = "here" };
        using (ScriptedServer dying = new(Says("4"), Says("4"), Says("4"), Says("4"), ""))
        using (RecordFile file = RecordFile.Open(_folder["a.jsonl"], "m", origin))
        {
            EndpointOptions options = Options(dying);
            using Endpoint endpoint = new(options);
            EndpointException error = await Assert.ThrowsAsync<EndpointException>(() => QuestionRun.Of(questions, new EndpointSubject(endpoint, options, "m"), 1, file));
            Assert.Contains("breaks off", error.Message, StringComparison.Ordinal);
        }

        using ScriptedServer back = new(Says("4"));
        using RecordFile again = RecordFile.Open(_folder["a.jsonl"], "m", origin);
        Assert.Equal(4, again.Records.Count);
        EndpointOptions second = Options(back);
        using Endpoint alive = new(second);
        QuestionRun run = await QuestionRun.Of(questions, new EndpointSubject(alive, second, "m"), 2, again);
        Assert.Equal((10, 4, 6), (run.Records.Count, run.Resumed, back.Requests.Count));
    }

    [Fact]
    public async Task A_key_is_shown_and_the_model_asked_for()
    {
        using ScriptedServer server = new(Sends("""{"data":[{"id":"first"},{"id":"second"}]}"""), Sends("""{"data":[]}"""));
        using Endpoint endpoint = new(Options(server) with { Key = "secret" });
        Assert.Equal("first", await endpoint.ModelAsync(CancellationToken.None));
        Assert.True(server.Requests.TryPeek(out string? request));
        Assert.StartsWith("GET /v1/models HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer secret\r\n", request, StringComparison.Ordinal);
        Assert.Contains("name one with --endpoint-model", (await Assert.ThrowsAsync<EndpointException>(() => endpoint.ModelAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/v1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://me:secret@127.0.0.1/v1")]
    public void Only_addresses_of_servers_are_taken(string address) =>
        Assert.Contains("expected an address as http://127.0.0.1:11435/v1", Assert.Throws<GemmaVkException>(() => new Endpoint(new EndpointOptions(new Uri(address)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Nobody_there_is_said()
    {
        EndpointOptions options = new(new Uri("http://127.0.0.1:1/v1")) { Attempts = 2, FirstWait = TimeSpan.FromMilliseconds(5) };
        using Endpoint endpoint = new(options);
        Assert.Contains("it cannot be reached, or breaks off: Connection refused, 2 times", (await Assert.ThrowsAsync<EndpointException>(() => endpoint.ModelAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    private static EndpointOptions Options(ScriptedServer server) => new(server.Address) { Attempts = 3, FirstWait = TimeSpan.FromMilliseconds(5), Timeout = TimeSpan.FromSeconds(20) };

    private static Question[] Read(string lines) => [.. QuestionFile.Parse(Encoding.UTF8.GetBytes(lines), "set.jsonl").Questions];

    private static async Task<GivenAnswer> Ask(ScriptedServer server, Func<EndpointOptions, EndpointOptions>? change = null)
    {
        EndpointOptions options = change is null ? Options(server) : change(Options(server));
        using Endpoint endpoint = new(options);
        return await new EndpointSubject(endpoint, options, "m").AnswerAsync(Read("""{"prompt":"2 + 2","answer":"4"}""")[0], CancellationToken.None);
    }

    private static Task<EndpointException> Refused(ScriptedServer server, Func<EndpointOptions, EndpointOptions>? change = null) => Assert.ThrowsAsync<EndpointException>(() => Ask(server, change));
}
