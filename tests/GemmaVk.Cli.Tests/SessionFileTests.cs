using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Shared;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Conversations that go on in another process.</summary>
public sealed class SessionFileTests : IDisposable
{
    private static readonly string[] Settings = ["--temperature", "0", "--device", "cpu"];
    private readonly TemporaryFolder _folder = new();

    private string Talk => Path.Combine(_folder.Path, "talk.session");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Generate_and_chat_go_on_in_one_file()
    {
        Assert.Equal("The capital of Japan is Tokyo.\n", CommandRun.Of(["generate", "What is the capital of Japan?", "--session", Talk, .. Settings]).Text());
        JsonElement second = CommandRun.Of(["generate", "Count from one to three.", "--session", Talk, "--json", .. Settings]).Json();
        JsonElement stats = second.GetProperty("stats");
        // All of the first turn but its last token, which no pass had taken in.
        Assert.InRange(stats.GetProperty("cached_tokens").GetInt32(), 30, 40);
        Assert.InRange(stats.GetProperty("prompt_tokens").GetInt32(), 15, 30);

        string json = Path.Combine(_folder.Path, "talk.json"), copy = Path.Combine(_folder.Path, "copy.session");
        CommandRun chat = CommandRun.WithInput($"/save {json}\n/save {copy}\n/undo\n/load {copy}\n/stats\n/undo\n", ["chat", "--session", Talk, .. Settings]);
        Assert.Equal(0, chat.Code);
        Assert.Equal(2, chat.Error.Split("goes on after 2 turns").Length - 1);
        Assert.Contains("Taken back: Count from one to three.", chat.Error, StringComparison.Ordinal);
        Assert.Contains("1 turn and the cache of", chat.Error, StringComparison.Ordinal);
        using JsonDocument messages = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal(["user", "assistant", "user", "assistant"], messages.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString()));

        // What one process would have said without a file between.
        string expected = CommandRun.WithInput("What is the capital of Japan?\nCount from one to three.\nWhat are you?\n", ["chat", .. Settings]).Text();
        string last = CommandRun.WithInput("What are you?\n", ["chat", "--session", copy, .. Settings]).Text();
        Assert.Equal(expected, $"The capital of Japan is Tokyo.\n{second.GetProperty("text").GetString()}\n{last}");
    }

    [Fact]
    public void Settings_that_are_given_hold_in_place_of_the_files()
    {
        CommandRun.WithInput("What are you?\n", ["chat", "--system", "Be brief.", "--session", Talk, .. Settings]).Text();
        CommandRun kept = CommandRun.WithInput("/stats\n", ["chat", "--session", Talk, .. Settings]);
        CommandRun changed = CommandRun.WithInput("/stats\n", ["chat", "--system", "Be long.", "--session", Talk, .. Settings]);
        Assert.DoesNotContain("The system text holds", kept.Error, StringComparison.Ordinal);
        Assert.Contains("The system text holds from your next line on.", changed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_precision_is_refused_with_both_in_words()
    {
        CommandRun.Of(["generate", "Hello", "--session", Talk, "--max-tokens", "2", .. Settings]).Text();
        CommandRun run = CommandRun.Of(["generate", "Hello", "--session", Talk, "--kv", "int8", .. Settings]);
        Assert.Equal(1, run.Code);
        Assert.Matches("expected the precision it was saved with \\(kv F16, full (values|both), angles .*\\), but kv Q8, full (values|both), angles .* came", run.Error);
        // What is usual is the same where it is spelled out.
        string usual = run.Error.Contains("kv F16, full values", StringComparison.Ordinal) ? "values" : "both";
        Assert.Equal(0, CommandRun.Of(["generate", "Hello", "--session", Talk, "--full-kv", usual, "--max-tokens", "2", .. Settings]).Code);
    }

    [Theory]
    [InlineData("talk.session", "text", "expected a session that gemmavk saved")]
    [InlineData("no/such/talk.session", null, "expected a file in a folder that is there")]
    [InlineData("", null, "--session is empty")]
    [InlineData(".", null, "it is a folder")]
    public void What_is_no_session_is_a_sentence_and_stays_as_it_is(string name, string? content, string says)
    {
        string path = name.Length == 0 ? "" : Path.Combine(_folder.Path, name);
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }

        foreach (string[] command in (string[][])[["generate", "What are you?"], ["chat"]])
        {
            CommandRun run = CommandRun.WithInput("What are you?\n", [.. command, "--session", path, .. Settings]);
            Assert.Equal(1, run.Code);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
            Assert.Equal("", run.Out);
        }

        Assert.True(content is null || File.ReadAllText(path) == content);
    }

    [Fact]
    public void A_failed_load_leaves_the_chat_as_it_is()
    {
        File.WriteAllText(Talk, "text");
        CommandRun run = CommandRun.WithInput($"What is the capital of Japan?\n/load {Talk}\n/load\n/load {Talk}.none\n/undo\n", ["chat", .. Settings]);
        Assert.Contains("expected a session that gemmavk saved", run.Error, StringComparison.Ordinal);
        Assert.Contains("/load: expected a file", run.Error, StringComparison.Ordinal);
        Assert.Contains("Taken back: What is the capital of Japan?", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("forgotten", run.Error, StringComparison.Ordinal);
    }

    [LinuxTheory]
    [InlineData(0)]
    [InlineData(7)]
    public void Killed_while_it_writes_it_leaves_a_whole_file(int moment)
    {
        CommandRun.Of(["generate", "What is the capital of Japan?", "--session", Talk, .. Settings]).Text();
        using Process chat = ShellRun.Start($"exec dotnet '{typeof(Program).Assembly.Location}' chat --device cpu --session '{Talk}'");
        // It does nothing but write, again and again, until it is killed.
        Task<string> said = chat.StandardError.ReadToEndAsync();
        Task saving = Task.Run(() =>
        {
            try
            {
                while (true)
                {
                    chat.StandardInput.Write($"/save {Talk}\n");
                    chat.StandardInput.Flush();
                }
            }
            catch (IOException)
            {
                // It is gone.
            }
        });
        string partial = Talk + ".partial";
        ShellRun.WaitFor(() => File.Exists(partial), "the first write");
        Thread.Sleep(moment);
        ShellRun.WaitFor(() => File.Exists(partial) || chat.HasExited, "a write to interrupt");
        chat.Kill(entireProcessTree: true);
        chat.WaitForExit();
        saving.Wait();
        Assert.NotEmpty(said.Result);
        Assert.Contains("goes on after 1 turn", CommandRun.WithInput("/stats\n", ["chat", "--session", Talk, .. Settings]).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(partial));
    }
}
