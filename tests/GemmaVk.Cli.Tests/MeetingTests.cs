using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Cli.Transcripts;
using GemmaVk.Meetings;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>
/// <c>transcribe --speakers --summary</c>. The small model knows no voices and notes nothing that matters: form, times, memory and resumption are what can be
/// tested on it.
/// </summary>
public sealed class MeetingTests
{
    private const int Times = 3;
    private static readonly string[] Tail = ["--speakers", "--summary", "--piece", "2.4", "--device", "cpu"];
    private static readonly Lazy<string> Whole = new(() =>
    {
        using TemporaryFolder folder = new();
        Recording(folder["m.wav"], Times);
        string text = CommandRun.Of(["transcribe", folder["m.wav"], "--format", "json", .. Tail]).Text();
        Assert.Single(Directory.GetFiles(folder.Path));
        return text;
    });

    [Fact]
    public void A_meeting_has_turns_with_times_and_the_words_of_a_transcript()
    {
        using TemporaryFolder folder = new();
        Recording(folder["m.wav"], Times);
        JsonElement json = JsonDocument.Parse(Whole.Value).RootElement;
        JsonElement[] turns = [.. json.GetProperty("turns").EnumerateArray()];
        double length = json.GetProperty("stats").GetProperty("sound").GetDouble();
        Assert.All(turns, turn => Assert.InRange(turn.GetProperty("start").GetDouble(), 0, turn.GetProperty("end").GetDouble()));
        Assert.All(turns, turn => Assert.InRange(turn.GetProperty("end").GetDouble(), 0, length));
        Assert.All(turns.Zip(turns.Skip(1)), pair => Assert.True(pair.First.GetProperty("start").GetDouble() < pair.Second.GetProperty("start").GetDouble()));
        string plain = CommandRun.Of("transcribe", folder["m.wav"], "--piece", "2.4", "--device", "cpu").Text();
        Assert.Equal(Words(plain), Words(string.Join(' ', turns.Select(turn => turn.GetProperty("text").GetString()))));
        if (json.GetProperty("stats").GetProperty("unattributed").GetInt32() == 0)
        {
            int[] people = [.. json.GetProperty("people").EnumerateArray().Select(person => person.GetProperty("number").GetInt32())];
            Assert.All(turns, turn => Assert.Contains(turn.GetProperty("speaker").GetInt32(), people));
        }

        double[] starts = [.. turns.Select(turn => Math.Floor(turn.GetProperty("start").GetDouble()))];
        Assert.All(json.GetProperty("points").EnumerateArray(), point => Assert.Contains(point.GetProperty("at").GetDouble(), starts));
        Assert.Equal(JsonValueKind.String, json.GetProperty("summary").ValueKind);
    }

    [LinuxFact]
    public void A_run_that_is_killed_goes_on_and_gives_the_same()
    {
        using TemporaryFolder folder = new();
        Recording(folder["m.wav"], Times);
        string journal = folder["killed.json.journal"];
        // A run that was done before it was killed tells nothing, and is begun again.
        for (int attempt = 0; attempt < 5 && (attempt == 0 || File.Exists(folder["killed.json"])); attempt++)
        {
            File.Delete(folder["killed.json"]);
            using Process process = ShellRun.Start($"exec dotnet '{typeof(Program).Assembly.Location}' transcribe '{folder["m.wav"]}' --format json --out '{folder["killed.json"]}' {string.Join(' ', Tail)}");
            long start = Stopwatch.GetTimestamp();
            // Who writes it keeps others out: its length tells how far it is. The head, and a line for each of two pieces.
            long length = 0;
            for (int lines = 0; lines < 3 && !process.HasExited && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(100);)
            {
                long now = File.Exists(journal) ? new FileInfo(journal).Length : 0;
                lines += now > length ? 1 : 0;
                length = now;
                Thread.Sleep(2);
            }

            process.Kill();
            process.WaitForExit();
        }

        Assert.False(File.Exists(folder["killed.json"]));
        int heard = File.ReadAllText(journal).Count(letter => letter == '\n') - 1;
        Assert.InRange(heard, 1, 100);
        // Another recording does not go on in it.
        Recording(folder["other.wav"], 1);
        Assert.Contains("one of another recording, model or settings", CommandRun.Of(["transcribe", folder["other.wav"], "--format", "json", "--out", folder["killed.json"], .. Tail]).Error, StringComparison.Ordinal);

        CommandRun again = CommandRun.Of(["transcribe", folder["m.wav"], "--format", "json", "--out", folder["killed.json"], .. Tail]);
        Assert.True(again.Code == 0, again.Error);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"goes on after {heard} pieces that were heard before"), again.Error, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{heard} of them heard before"), again.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(journal));
        Assert.Equal(Whole.Value, File.ReadAllText(folder["killed.json"]));
    }

    [Fact]
    public void Documents_carry_speakers_times_and_decisions_and_nothing_is_markup()
    {
        Meeting meeting = new(
            [new(TimeSpan.Zero, TimeSpan.FromSeconds(2), 1, "Shall we *begin*?"), new(TimeSpan.FromSeconds(3725), TimeSpan.FromSeconds(3727), 2, "Yes <b>now</b>."), new(TimeSpan.FromSeconds(3728), TimeSpan.FromSeconds(3729), 0, "So be it.")],
            [new(1, "Ana", "chairs"), new(2, "", "")],
            "They began.",
            [new(TimeSpan.FromSeconds(3725), "to begin", true), new(TimeSpan.Zero, "a question", false)],
            new MeetingStats { Pieces = 2 });
        string Written(string format, string? note = null)
        {
            using StringWriter text = new() { NewLine = "\n" };
            new MeetingDocument(meeting, note).Write(text, format);
            return text.ToString();
        }

        Assert.Equal("[00:00:00] Ana: Shall we *begin*?\n[01:02:05] Speaker 2: Yes <b>now</b>.\n[01:02:08] So be it.\n\nSummary: They began.\n[01:02:05] Decided: to begin\n[00:00:00] a question\n", Written("text"));
        Assert.StartsWith("1\n00:00:00,000 --> 00:00:02,000\nAna: Shall we *begin*?\n\n2\n01:02:05,000 --> 01:02:07,000\nSpeaker 2: Yes <b>now</b>.\n", Written("srt"), StringComparison.Ordinal);
        Assert.Contains("Speaker 2: Yes &lt;b&gt;now&lt;/b&gt;.", Written("vtt"), StringComparison.Ordinal);
        string markdown = Written("md", "a truncated file?");
        Assert.Equal(
            "# Meeting\n\n> a truncated file?\n\n## Summary\n\nThey began.\n\n## Decisions\n\n- 01:02:05 to begin\n\n## Notes\n\n- 00:00:00 a question\n\n## People\n\n- Ana: chairs\n- Speaker 2\n\n## Transcript\n\n"
            + "**Ana** (00:00:00) Shall we \\*begin\\*?\n\n**Speaker 2** (01:02:05) Yes \\<b\\>now\\</b\\>.\n\n(01:02:08) So be it.\n",
            markdown);
        JsonElement json = JsonDocument.Parse(Written("json", "odd")).RootElement;
        Assert.Equal("odd", json.GetProperty("note").GetString());
        Assert.False(json.GetProperty("turns")[2].TryGetProperty("speaker", out _));
        Assert.True(json.GetProperty("points")[0].GetProperty("decided").GetBoolean());
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        using TemporaryFolder folder = new();
        string sound = folder["s.wav"];
        File.Copy(Repository.Example("sound-0.wav"), sound);
        File.WriteAllBytes(folder["silent.wav"], [.. File.ReadAllBytes(sound)[..44], .. new byte[19006]]);
        (string Says, string[] Args)[] cases =
        [
            ("--format md and --out: expected together with --speakers or --summary", [sound, "--format", "md"]),
            ("--format md and --out: expected together with --speakers or --summary", [sound, "--out", folder["x"]]),
            ("--microphone: expected a recording", ["--microphone", "--speakers"]),
            ("--stamps: expected without", [sound, "--speakers", "--stamps"]),
            ("--out is empty", [sound, "--speakers", "--out", ""]),
            ("must be another file than those that are read", [sound, "--speakers", "--out", sound]),
            ("expected a file in a folder that is there", [sound, "--speakers", "--out", "/no/such/folder/x.md"]),
            ("there is nothing to hear in it", [folder["silent.wav"], "--speakers", "--out", folder["x"]]),
        ];
        foreach ((string says, string[] args) in cases)
        {
            CommandRun run = CommandRun.Of(["transcribe", .. args, "--device", "cpu"]);
            Assert.Equal(1, run.Code);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(["s.wav", "silent.wav"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        // A pipe is heard once, and leaves no journal.
        Assert.Contains("three.", CommandRun.WithBytes(File.ReadAllBytes(sound), ["transcribe", "-", "--speakers", "--device", "cpu"]).Text(), StringComparison.Ordinal);
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Digits that are spoken, over and over, with pauses between: some five seconds a time.</summary>
    private static void Recording(string path, int times)
    {
        byte[] pause = new byte[32000 * 4 / 5];
        byte[] samples = [.. Enumerable.Repeat((string[])["sound-2.wav", "sound-0.wav", "sound-5.wav"], times).SelectMany(names => names).SelectMany(name => (byte[])[.. File.ReadAllBytes(Repository.Example(name))[44..], .. pause])];
        byte[] head = File.ReadAllBytes(Repository.Example("sound-0.wav"))[..44];
        BitConverter.TryWriteBytes(head.AsSpan(4), 36 + samples.Length);
        BitConverter.TryWriteBytes(head.AsSpan(40), samples.Length);
        File.WriteAllBytes(path, [.. head, .. samples]);
    }
}
