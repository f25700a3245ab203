using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Cli.Terminals;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class ChatTests
{
    private static readonly string[] Command = ["chat", "--temperature", "0", "--device", "cpu"];

    [Fact]
    public void Each_line_is_a_turn_until_the_input_ends()
    {
        // What comes second is outside of what the small model was taught: that it comes is enough.
        string[] answers = CommandRun.WithInput("What is the capital of Japan?\n\nCount from one to three.\n", Command).Text().TrimEnd().Split('\n');
        Assert.Equal(2, answers.Length);
        Assert.Equal("The capital of Japan is Tokyo.", answers[0]);
    }

    [Fact]
    public void Commands_are_no_turns()
    {
        CommandRun run = CommandRun.WithInput("/help\n/stats\nCount from one to one.\n/stats\n/clear\n/stats\n/dance\n/exit\nWhat are you?\n", Command);
        Assert.Equal("one.\n", run.Text());
        Assert.Contains("/clear        forget", run.Error, StringComparison.Ordinal);
        Assert.Contains("No answer yet.", run.Error, StringComparison.Ordinal);
        // 25 tokens of the prompt and 3 of the answer.
        Assert.Contains("28 of 4096 positions", run.Error, StringComparison.Ordinal);
        Assert.Contains("0 of 4096 positions", run.Error, StringComparison.Ordinal);
        Assert.Contains("/dance: expected", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backslash_goes_on_in_the_next_line()
    {
        CommandRun run = CommandRun.WithInput("Repeat: drum \\\nkey\n", Command);
        Assert.Equal(0, run.Code);
        Assert.Single(run.Out.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_full_context_is_said_with_what_to_do()
    {
        CommandRun run = CommandRun.WithInput("What are you?\nWhat are you?\n/clear\nWhat is 1 + 1?\n", [.. Command, "--context", "30"]);
        Assert.Equal(0, run.Code);
        Assert.Contains("The context of 30 positions is full: /clear starts again", run.Error, StringComparison.Ordinal);
        Assert.Contains("--when-full drop forgets the oldest turns", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("2\n", run.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void When_full_drop_forgets_the_oldest_turns_and_goes_on()
    {
        const string Turns = "Count from one to three.\nCount from one to two.\nWhat is the capital of Japan?\n/stats\n";
        CommandRun run = CommandRun.WithInput(Turns, [.. Command, "--context", "64", "--when-full", "drop"]);
        // What the small model says to a third question is its own affair: that it answers is enough.
        Assert.Equal(3, run.Text().TrimEnd().Split('\n').Length);
        Assert.Contains("(the context is full: the oldest turn forgotten)", run.Error, StringComparison.Ordinal);
        Assert.Matches("(?m)^[1-5][0-9] of 64 positions", run.Error);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("", true)]
    [InlineData("n", false)]
    public void When_full_asks_whoever_sits_there(string reply, bool goesOn)
    {
        StringWriter output = new(), error = new();
        byte[] typed = Encoding.UTF8.GetBytes($"Count from one to three.\nWhat is the capital of Japan?\n{reply}\n/exit\n");
        using Terminal terminal = new() { In = new MemoryStream(typed), Out = output, Error = error };
        Assert.Equal(0, CommandLine.Run([.. Command, "--context", "40"], terminal));
        Assert.Contains("The context is full. Forget the oldest turn and go on? [Y/n]", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(goesOn, output.ToString().Contains("The capital of Japan is Tokyo.", StringComparison.Ordinal));
        Assert.Equal(!goesOn, error.ToString().Contains("/clear starts again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_question_that_no_context_holds_is_told_apart_from_one_that_comes_too_late()
    {
        // 23 tokens and the answer do not leave room for 20 more, which an empty conversation has.
        string late = CommandRun.WithInput("Count from one to three.\nWhat is the capital of Japan?\n", [.. Command, "--context", "45"]).Error;
        Assert.Contains("Or /clear starts again", late, StringComparison.Ordinal);
        string never = CommandRun.WithInput("Count from one to three.\n", [.. Command, "--context", "12"]).Error;
        Assert.Contains("An empty conversation would not hold it either.", never, StringComparison.Ordinal);
        Assert.DoesNotContain("/clear", never, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_that_clear_does_not_mend_do_not_name_it()
    {
        string picture = System.IO.Path.Combine(Repository.Root, "weights", "examples", "picture-0.png");
        CommandRun run = CommandRun.WithInput($"/image {picture}\nWhat is {{}} beside {{}}?\nWhat is in this picture?\n", Command);
        Assert.Contains("waits for your next one; /clear forgets it, with the conversation.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("starts again", run.Error, StringComparison.Ordinal);
        Assert.Equal("I see a black square and an orange square.\n", run.Text());
        CommandRun tools = CommandRun.WithInput("/tools nowhere.json\n/save\n/image\nWhat is 1 + 1?\n", Command);
        Assert.Contains("/tools nowhere.json: expected a readable text file", tools.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("/clear", tools.Error, StringComparison.Ordinal);
        Assert.Equal("2\n", tools.Text());
    }

    [Fact]
    public void Undo_takes_the_newest_turn_back()
    {
        CommandRun run = CommandRun.WithInput("/undo\nCount from one to one.\n/stats\nWhat is the capital of Japan?\n/undo\n/stats\n/undo\n/stats\nCount from one to one.\n", Command);
        // What the small model says to a second question is its own affair; the first one, asked again, is the first again.
        string[] lines = run.Text().TrimEnd().Split('\n');
        Assert.Equal(("one.", "one.", 3), (lines[0], lines[^1], lines.Length));
        Assert.Contains("/undo: nothing was said yet.", run.Error, StringComparison.Ordinal);
        Assert.Contains("Taken back: What is the capital of Japan?", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Error.Split("28 of 4096 positions").Length - 1);
        Assert.Contains("0 of 4096 positions", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Retry_asks_again_with_another_seed()
    {
        string[] hot = ["chat", "--device", "cpu", "--temperature", "3", "--top-k", "0", "--top-p", "1", "--max-tokens", "12"];
        CommandRun run = CommandRun.WithInput("/retry\nOnce\n/stats\n/retry\n/stats\n", hot);
        Assert.Contains("/retry: nothing was said yet.", run.Error, StringComparison.Ordinal);
        // Both answers are to the same question, and none stands before the other.
        string[] prompts = [.. run.Error.Split('\n').Where(line => line.StartsWith("  prompt", StringComparison.Ordinal))];
        Assert.All(prompts, line => Assert.Matches("^  prompt   [0-9]+ tokens at ", line));
        Assert.Equal(2, prompts.Length);
        string once = CommandRun.WithInput("Once\n", hot).Text();
        Assert.StartsWith(once.TrimEnd('\n'), run.Text(), StringComparison.Ordinal);
        Assert.NotEqual(once + once, run.Text());
    }

    [Fact]
    public void Tools_are_offered_and_the_line_after_a_call_is_its_result()
    {
        using TemporaryFolder folder = new();
        ToolFiles.Write(folder["tools.json"]);
        string begin = $"/tools {folder["tools.json"]}\nTurn on the stone.\n", save = $"/save {folder["talk.json"]}\n";
        string[] brief = [.. Command, "--max-tokens", "30"];
        CommandRun run = CommandRun.WithInput($"{begin}{{\"status\": \"ok\"}}\n{save}{save}/tools\n", brief);
        string[] lines = run.Text().TrimEnd().Split('\n');
        Assert.Equal(ToolFiles.Call("stone"), lines[0]);
        Assert.Equal(2, lines.Length);
        Assert.Contains("Offered: get_time, turn_on. After a call, your next line is its result.", run.Error, StringComparison.Ordinal);
        Assert.Contains("(the next line is the result of turn_on, as JSON or text; /skip goes on without)", run.Error, StringComparison.Ordinal);
        Assert.Contains("expected a new file, but it is there already", run.Error, StringComparison.Ordinal);
        Assert.Contains("No tools are offered now.", run.Error, StringComparison.Ordinal);

        JsonElement saved = JsonDocument.Parse(File.ReadAllText(folder["talk.json"])).RootElement;
        Assert.Equal(2, saved.GetProperty("tools").GetArrayLength());
        JsonElement[] messages = [.. saved.GetProperty("messages").EnumerateArray()];
        Assert.Equal(["user", "assistant", "tool", "assistant"], messages.Select(message => message.GetProperty("role").GetString()!));
        Assert.Equal("ok", messages[2].GetProperty("content").GetProperty("status").GetString());
        Assert.Equal(lines[1], messages[3].GetProperty("content").GetString());
        // What is written is what --tool-results takes.
        Assert.Equal(0, CommandRun.Of("generate", "--tools", folder["talk.json"], "--tool-results", folder["talk.json"], "Turn on the stone.", "--max-tokens", "1", "--device", "cpu").Code);

        CommandRun skipped = CommandRun.WithInput($"{begin}/skip\nWhat are you?\n/skip\n", brief);
        Assert.Equal(2, skipped.Text().TrimEnd().Split('\n').Length);
        Assert.Contains("The calls stay without results.", skipped.Error, StringComparison.Ordinal);
        Assert.Contains("No call waits for a result.", skipped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_text_changes_in_the_middle()
    {
        CommandRun run = CommandRun.WithInput("Count from one to one.\n/stats\n/system Be brief.\n/stats\n/system\n/stats\nWhat is the capital of Japan?\n", Command);
        int[] fill = [.. run.Error.Split('\n').Where(line => line.Contains(" of 4096 positions", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(28, fill[0]);
        Assert.InRange(fill[1], 32, 50);
        Assert.Equal(fill[0], fill[2]);
        Assert.StartsWith("one.\n", run.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_command_names_the_nearest_and_talk_stays_talk()
    {
        CommandRun run = CommandRun.WithInput("/stat\n/sytem Be brief.\n/usr/bin/env\n", [.. Command, "--max-tokens", "1"]);
        Assert.Contains("/stat: did you mean /stats?", run.Error, StringComparison.Ordinal);
        Assert.Contains("/sytem: did you mean /system?", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Out.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void What_is_repeated_to_the_terminal_does_not_steer_it()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["tools.json"], """[{"name": "e\u001b[31mvil", "parameters": {"type": "object"}}]""");
        string[] lines = ["/\u001b[31mx", $"/tools {folder["tools.json"]}", $"/save {folder["\u001b[31m.json"]}", "a\u001b[31mb", "/undo"];
        CommandRun run = CommandRun.WithInput(string.Join('\n', lines) + "\n", [.. Command, "--max-tokens", "1"]);
        Assert.DoesNotContain('\u001b', run.Error);
        Assert.Equal(4, run.Error.Split("\\u001b[31m").Length - 1);
    }

    [Fact]
    public void The_prompt_shows_how_full_the_context_is()
    {
        StringWriter error = new();
        byte[] typed = Encoding.UTF8.GetBytes("Count from one to one.\n/exit\n");
        using Terminal terminal = new() { In = new MemoryStream(typed), Out = new StringWriter(), Error = error };
        Assert.Equal(0, CommandLine.Run([.. Command, "--context", "56"], terminal));
        Assert.Contains("[--------] 0 % > ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("[####----] 50 % > ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Input_that_is_not_utf8_is_an_error()
    {
        CommandRun run = CommandRun.WithBytes([0x41, 0xFF, 0x0A], Command);
        Assert.Equal(1, run.Code);
        Assert.Contains("standard input: expected UTF-8 text", run.Error, StringComparison.Ordinal);
    }
}
