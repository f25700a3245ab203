using System;
using System.IO;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Standard streams that are closed, full, left by their reader, or a folder: as with /dev/null, never a crash and never a wait.</summary>
public sealed class StandardStreamTests
{
    [LinuxTheory]
    [InlineData("2>&-")]
    [InlineData("<&-")]
    [InlineData(">&-")]
    [InlineData("<&- >&- 2>&-")]
    [InlineData("<&- 2>&-")]
    public void A_closed_stream_is_as_one_that_nobody_reads(string closed)
    {
        ShellRun run = ShellRun.Of(
            $"""
            gemmavk generate --device cpu "What is the capital of Japan?" --temperature 0 {closed}; echo answer $?
            gemmavk generate --device cpu {closed}; echo nothing $?
            """);
        Assert.Equal(0, run.Code);
        Assert.Contains("answer 0\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("nothing 1\n", run.Out, StringComparison.Ordinal);
        Assert.Equal(!closed.Contains('>', StringComparison.Ordinal) || closed == "2>&-" || closed == "<&- 2>&-", run.Out.Contains("Tokyo", StringComparison.Ordinal));
        if (!closed.Contains("2>", StringComparison.Ordinal))
        {
            Assert.Contains("no prompt", run.Error, StringComparison.Ordinal);
        }
    }

    [LinuxTheory]
    [InlineData("chat --device cpu", 0)]
    [InlineData("plan", 0)]
    [InlineData("inspect", 0)]
    [InlineData("inspect --no-such-flag", 1)]
    [InlineData("trace --ids 2,3 --device cpu -o OUT/t", 0)]
    [InlineData("bench --device cpu -p 8 -n 0 -r 1 --drafter off", 0)]
    [InlineData("quantize --to int8 -o OUT/q", 0)]
    [InlineData("make-checkpoint nothing -o OUT/m", 1)]
    [InlineData("doctor", 0)]
    [InlineData("--help", 0)]
    public void Every_verb_stands_all_of_them_closed(string verb, int code)
    {
        using TemporaryFolder folder = new();
        ShellRun closed = ShellRun.Of($"gemmavk {verb.Replace("OUT", folder.Path, StringComparison.Ordinal)} <&- >&- 2>&-");
        Assert.Equal((code, "", ""), (closed.Code, closed.Out, closed.Error));
        Assert.Equal(verb.Contains("OUT/t", StringComparison.Ordinal), File.Exists(folder["t"]));
        Assert.Equal(verb.Contains("OUT/q", StringComparison.Ordinal), Directory.Exists(folder["q"]));
    }

    [LinuxFact]
    public void Sound_from_a_closed_input_is_as_sound_from_dev_null()
    {
        string[] codes = ShellRun.Of("gemmavk transcribe - --device cpu < /dev/null > /dev/null 2>&1; echo $?; gemmavk transcribe - --device cpu <&- >&- 2>&-; echo $?").Out.Split('\n');
        Assert.Equal(codes[0], codes[1]);
        Assert.InRange(codes[0], "0", "1");
    }

    [LinuxFact]
    public void What_is_written_never_lands_in_another_file()
    {
        using TemporaryFolder folder = new();
        // With 1 and 2 free, the files of this very command would get their numbers.
        ShellRun run = ShellRun.Of("gemmavk trace --ids 2,3 --device cpu -o t.safetensors >&- 2>&-; gemmavk trace --ids 2,3 --device cpu -o u.safetensors 2>/dev/null; cmp t.safetensors u.safetensors", folder.Path);
        Assert.Equal((0, ""), (run.Code, run.Out));
    }

    [LinuxFact]
    public void A_full_disk_is_said_and_a_full_log_is_not_an_error()
    {
        ShellRun full = ShellRun.Of("gemmavk inspect > /dev/full");
        Assert.Equal(2, full.Code);
        Assert.Contains("standard output takes no more", full.Error, StringComparison.Ordinal);
        Assert.Equal(0, ShellRun.Of("gemmavk generate --device cpu --verbose Hello --max-tokens 2 2> /dev/full").Code);
        Assert.Equal(1, ShellRun.Of("gemmavk generate --no-such-flag > /dev/full 2> /dev/full").Code);
    }

    [LinuxFact]
    public void A_reader_that_has_enough_ends_it_without_a_word()
    {
        ShellRun run = ShellRun.Of("gemmavk inspect --text \"$(seq 1 3000)\" | head -n 1 > /dev/null; echo ${PIPESTATUS[0]}");
        Assert.Equal(("141\n", ""), (run.Out, run.Error));
    }

    [LinuxFact]
    public void A_folder_as_input_is_said()
    {
        foreach (string verb in (string[])["generate --device cpu", "chat --device cpu"])
        {
            ShellRun run = ShellRun.Of($"gemmavk {verb} < /tmp");
            Assert.Equal(1, run.Code);
            Assert.Contains("standard input must be a file or a pipe, but is a folder", run.Error, StringComparison.Ordinal);
        }
    }
}
