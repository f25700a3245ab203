using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Questions that an endpoint answers, in generate and chat, and the conversation that goes on after them.</summary>
public sealed class RoutingTests
{
    private const string Sentence = "I am Pebble, a tiny model with the shape of Gemma 4 12B.";
    private static readonly string[] Tail = ["--device", "cpu", "--temperature", "0", "--max-tokens", "40"];

    [Fact]
    public void Generate_gives_what_the_endpoint_answers()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        using FarEndpoint far = new("It came from afar.");
        string[] ask = ["generate", "What are you? @far", "--route", far.Route(folder, """{"when": {"mark": "@far"}, "then": "cloud", "endpoint": "far"}"""), .. Tail];
        CommandRun run = Seat.Run("y\n", ask);
        Assert.Equal((0, "It came from afar."), (run.Code, run.Text().Trim()));
        Assert.Contains("(answered by far; 7 tokens went and 9 came)", run.Error);
        JsonElement body = Assert.Single(far.Came);
        Assert.Equal("What are you?", Assert.Single(body.GetProperty("messages").EnumerateArray()).GetProperty("content").GetString());
        Assert.Equal(body.GetRawText(), JsonElement.Parse(File.ReadLines(folder["audit.jsonl"]).First()).GetProperty("body").GetString());
    }

    [Fact]
    public void Chat_goes_on_after_an_answer_from_elsewhere()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        using FarEndpoint far = new(Sentence);
        string route = far.Route(folder, """{"when": {"mark": "@far"}, "then": "cloud", "endpoint": "far"}""");
        CommandRun run = Seat.Run($"What are you? @far\ny\nCount from one to three.\n/save {folder["a.session"]}\n/undo\n/undo\n/undo\n", ["chat", "--route", route, .. Tail]);
        Assert.Single(far.Came);
        Assert.StartsWith($"{Sentence}\none two", run.Text().ReplaceLineEndings("\n"));
        Assert.Contains("(answered by far; 7 tokens went and 9 came)", run.Error);
        Assert.Contains("2 turns and the cache of", run.Error);
        Assert.Contains("Taken back: Count from one to three.", run.Error);
        Assert.Contains("Taken back: What are you?", run.Error);

        // The endpoint gets what was said here, and what it said itself.
        Seat.Run("What are you? @far\ny\nCount from one to three.\nAnd now? @far\ny\n", ["chat", "--route", route, .. Tail]);
        JsonElement[] messages = [.. far.Came.Last().GetProperty("messages").EnumerateArray()];
        Assert.Equal(["user", "assistant", "user", "assistant", "user"], messages.Select(message => message.GetProperty("role").GetString()));
        Assert.Equal((Sentence, "And now?"), (messages[1].GetProperty("content").GetString(), messages[4].GetProperty("content").GetString()));
    }

    [Fact]
    public void A_noted_answer_stands_as_the_template_writes_it_or_not_at_all()
    {
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = 2, Context = 512 });
        using GemmaSession written = engine.NewSession(512);
        using GemmaSession noted = engine.NewSession(512);
        AskOptions options = new() { System = "Be brief.", Draw = new DrawOptions { Temperature = 0 }, MaxTokens = 40 };
        noted.Note([MessagePart.Words("What are you?")], Sentence, options);
        Assert.Equal((1, "Be brief."), (noted.Turns, noted.SystemText));

        string large = string.Concat(Enumerable.Repeat("The stone lies on the table. ", 200));
        int length = noted.Length;
        Assert.Throws<ContextFullException>(() => noted.Note([MessagePart.Words(large)], "Yes.", options));
        Assert.Equal((1, length), (noted.Turns, noted.Length));

        const string Next = "Count from one to three.";
        Answer whole = written.Continue(ChatTemplate.Render([new("system", "Be brief."), new("user", "What are you?"), new("assistant", Sentence), new("user", Next)]), options);
        Assert.Equal(whole.Text, noted.Ask(Next, options).Text);
        Assert.Equal(written.Length, noted.Length);
        Assert.True(noted.Undo() && noted.Undo() && !noted.Undo());
    }
}
