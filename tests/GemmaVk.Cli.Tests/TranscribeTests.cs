using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class TranscribeTests
{
    private static readonly string[] Tail = ["--device", "cpu"];

    [Fact]
    public void A_recording_becomes_text()
    {
        CommandRun run = Transcribe(Example("sound-2.wav"));
        Assert.Equal("four seven.\n", run.Text());
        Assert.Matches(@"1\.2 s of sound in 1 piece, prompt 57 tokens, text 4 tokens", run.Error);
        Assert.Equal("[00:00:00] four seven.\n", Transcribe(Example("sound-2.wav"), "--stamps").Text());
    }

    [Fact]
    public void A_longer_one_is_cut_at_its_pauses()
    {
        using TemporaryFolder folder = new();
        Join(folder["long.wav"], 0.8, "sound-2.wav", "sound-0.wav", "sound-2.wav");
        // Pieces that hold one of them each.
        JsonElement json = Transcribe(folder["long.wav"], "--piece", "2.4", "--format", "json").Json();
        Assert.Equal("four seven.\nthree.\nfour seven.", json.GetProperty("text").GetString());
        double[] starts = [.. json.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("start").GetDouble())];
        Assert.Equal(3, starts.Length);
        // Where somebody speaks: after 1.2 + 0.8 s, and after 0.6 + 0.8 s more.
        Assert.InRange(starts[1], 1.8, 2.2);
        Assert.InRange(starts[2], 3.2, 3.6);
        string cues = Transcribe(folder["long.wav"], "--piece", "2.4", "--format", "srt").Text();
        Assert.StartsWith("1\n00:00:00,000 --> 00:00:0", cues, StringComparison.Ordinal);
        Assert.Contains("\nthree.\n", cues, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_is_heard_while_it_comes()
    {
        using TemporaryFolder folder = new();
        Join(folder["long.wav"], 0.8, "sound-2.wav", "sound-0.wav");
        byte[] file = File.ReadAllBytes(folder["long.wav"]);
        Assert.Equal("four seven.\nthree.\n", CommandRun.WithBytes(file, ["transcribe", "-", .. Tail]).Text());
        // Bare samples are the same without the head.
        Assert.Equal("four seven.\nthree.\n", CommandRun.WithBytes(file[44..], ["transcribe", "-", .. Tail]).Text());
        Assert.Contains("a keyboard is there", CommandRun.Of(["transcribe", "-", .. Tail]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_odd_about_the_sound_is_said_and_nothing_to_hear_is_an_error()
    {
        string trunc = Field("trunc.wav"), note = "its header gives 37,280 bytes of samples, but 35,280 are there: 0.063 s are missing (a truncated file?)";
        foreach (CommandRun run in (CommandRun[])[Transcribe(trunc), CommandRun.WithBytes(File.ReadAllBytes(trunc), ["transcribe", "-", .. Tail])])
        {
            Assert.Equal("four seven.\n", run.Text());
            Assert.Contains($"{note}\n", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(note, Transcribe(trunc, "--format", "json").Json().GetProperty("note").GetString());
        Assert.False(Transcribe(Example("sound-2.wav"), "--format", "json").Json().TryGetProperty("note", out _));
        Assert.Equal("four seven.\n", CommandRun.WithBytes(File.ReadAllBytes(Field("stream-0.wav")), ["transcribe", "-", .. Tail]).Text());
        JsonElement stats = CommandRun.Of(["generate", "--audio", trunc, "Transcribe the audio.", "--max-tokens", "2", "--json", .. Tail]).Json().GetProperty("stats");
        Assert.Equal(note, stats.GetProperty("media")[0].GetProperty("note").GetString());

        (byte[] Bytes, string Says)[] nothing =
        [
            ([], "standard input: expected a sound, but there is nothing to hear in it"),
            (File.ReadAllBytes(Field("zero.wav")), "there is nothing to hear in it"),
            (new byte[32000], "there is nothing to hear in it: its 1.0 s are silent"),
            (File.ReadAllBytes(Field("chunk-length-wraps.wav")), "standard input must be a WAV file with"),
            ([.. "<!DOCTYPE html>"u8], "standard input must carry sound, but carries a page of HTML"),
        ];
        foreach ((byte[] bytes, string says) in nothing)
        {
            CommandRun run = CommandRun.WithBytes(bytes, ["transcribe", "-", .. Tail]);
            Assert.Equal((1, ""), (run.Code, run.Out));
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(1, Transcribe(Field("zero.wav")).Code);
    }

    [Fact]
    public void The_instruction_may_be_another()
    {
        Assert.Equal("three.\n", Transcribe(Example("sound-0.wav"), "--prompt", "What was said?").Text());
        Assert.Equal(0, Transcribe(Example("sound-0.wav"), "--translate", "French").Code);
        Assert.Contains("one of them", Transcribe(Example("sound-0.wav"), "--translate", "French", "--prompt", "x").Error, StringComparison.Ordinal);
        Assert.Contains("--translate is empty", Transcribe(Example("sound-0.wav"), "--translate", "").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_to_hear_is_said_once()
    {
        Assert.Contains("a FILE, - for standard input, or --microphone", CommandRun.Of(["transcribe", .. Tail]).Error, StringComparison.Ordinal);
        Assert.Contains("--format words: expected text, json, srt, vtt or md", Transcribe(Example("sound-0.wav"), "--format", "words").Error, StringComparison.Ordinal);
        Assert.Contains("--piece 0.5: expected", Transcribe(Example("sound-0.wav"), "--piece", "0.5").Error, StringComparison.Ordinal);
        Assert.Contains("no such file", Transcribe("no/such.wav").Error, StringComparison.Ordinal);
    }

    /// <summary>Recordings one after the other, with silence between them.</summary>
    private static void Join(string path, double pause, params string[] names)
    {
        byte[] silence = new byte[(int)(pause * 16000) * 2];
        byte[] samples = [.. names.SelectMany((name, i) => (byte[])[.. i == 0 ? [] : silence, .. File.ReadAllBytes(Example(name))[44..]])];
        using BinaryWriter file = new(File.Create(path));
        file.Write("RIFF"u8);
        file.Write(36 + samples.Length);
        file.Write("WAVEfmt "u8);
        file.Write(16);
        file.Write((short)1);
        file.Write((short)1);
        file.Write(16000);
        file.Write(32000);
        file.Write((short)2);
        file.Write((short)16);
        file.Write("data"u8);
        file.Write(samples.Length);
        file.Write(samples);
    }

    private static CommandRun Transcribe(params string[] args) => CommandRun.Of(["transcribe", .. args, .. Tail]);

    private static string Field(string name) => Path.Combine(Repository.Root, "tests", "golden", "field", "audio", name);

    private static string Example(string name) => Path.Combine(Repository.Root, "weights", "examples", name);
}
