using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Pictures, sounds and clips on the command line, on examples that Pebble never saw.</summary>
public sealed class MediaTests
{
    private static readonly string[] Tail = ["--temperature", "0", "--device", "cpu"];

    [Fact]
    public void Each_kind_of_file_is_answered_about()
    {
        Assert.Equal("I see a black square and an orange square.\n", Generate("--image", Example("picture-0.png"), "What is in this picture?").Text());
        Assert.Equal("seven zero five zero.\n", Generate("--audio", Example("sound-1.wav"), "What was said?").Text());
        Assert.Equal("The pink circle moves right.\n", Generate("--video", Example("clip-0.mkv"), "Which way does the circle move?").Text());
    }

    [Fact]
    public void Figures_say_what_each_item_took_and_where_the_time_went()
    {
        string line = Generate("--image", Example("picture-1.png"), "--audio=" + Example("sound-0.wav"), "How many shapes are there?", "--max-tokens", "4", "--verbose").Error;
        Assert.Contains($"({Example("picture-1.png")} 64, {Example("sound-0.wav")} 15)", line, StringComparison.Ordinal);
        Assert.Matches(@"decode [0-9.]+ s, resize [0-9.]+ s, embed [0-9.]+ s, prefill [0-9.]+ s", line);

        JsonElement stats = Generate("--video", Example("clip-0.mkv"), "Which way does the circle move?", "--json").Json().GetProperty("stats");
        Assert.Equal(318, stats.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(0, stats.GetProperty("cached_tokens").GetInt32());
        Assert.All(["decode_seconds", "embed_seconds", "prefill_seconds"], name => Assert.True(stats.GetProperty(name).GetDouble() > 0, name));
        JsonElement item = stats.GetProperty("media")[0];
        Assert.Equal(("video", 256), (item.GetProperty("kind").GetString(), item.GetProperty("tokens").GetInt32()));
    }

    [Fact]
    public void Items_come_in_the_order_of_the_flags_and_at_their_markers()
    {
        string[] media = ["--audio", Example("sound-0.wav"), "--image", Example("picture-0.png"), "--audio", Example("sound-3.wav")];
        IEnumerable<string> Files(params string[] prompt) => Generate([.. media, .. prompt, "--max-tokens", "1", "--json"]).Json()
            .GetProperty("stats").GetProperty("media").EnumerateArray().Select(item => Path.GetFileName(item.GetProperty("file").GetString()!));
        Assert.Equal(["sound-0.wav", "picture-0.png", "sound-3.wav"], Files("What is this?"));
        Assert.Equal(["sound-0.wav", "picture-0.png", "sound-3.wav"], Files("First {}, then {}, and {}."));
        Assert.Equal(["sound-0.wav", "picture-0.png", "sound-3.wav"], Files("A {} @ and @ and @.", "--marker", "@"));

        // Where it stands matters to the prompt: a marker at the end is after the words.
        int first = Generate("--image", Example("picture-0.png"), "{} What is in this picture?", "--json").Json().GetProperty("stats").GetProperty("prompt_tokens").GetInt32();
        Assert.Equal(96, first);
        Assert.Equal("I see a black square and an orange square.\n", Generate("--image", Example("picture-0.png"), "{} What is in this picture?").Text());
    }

    [Fact]
    public void Standard_input_may_be_the_picture_or_the_prompt_but_not_both()
    {
        byte[] picture = File.ReadAllBytes(Example("picture-0.png"));
        CommandRun run = CommandRun.WithBytes(picture, ["generate", "--image", "-", "What is in this picture?", .. Tail]);
        Assert.Equal("I see a black square and an orange square.\n", run.Text());
        run = CommandRun.WithInput("What is in this picture?\n", ["generate", "--image", Example("picture-0.png"), .. Tail]);
        Assert.Equal("I see a black square and an orange square.\n", run.Text());
        Assert.Contains("no prompt", CommandRun.WithBytes(picture, ["generate", "--image", "-", .. Tail]).Error, StringComparison.Ordinal);
        Assert.Contains("for one picture", CommandRun.WithBytes(picture, ["generate", "--image", "-", "--audio", "-", "x", .. Tail]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_taken_in_parts_with_a_summary()
    {
        string clip = Example("clip-0.mkv");
        CommandRun run = Generate("--video", clip, "--video", Example("clip-1.mkv"), "--image", Example("picture-0.png"), "Which way does the circle move?", "--context", "400", "--max-tokens", "12");
        Assert.Equal(0, run.Code);
        Assert.NotEqual("", run.Out.Trim());
        string parts = Regex.Match(run.Error, "taken in ([0-9]+) parts, each with a summary").Groups[1].Value;
        Assert.InRange(int.Parse(parts, CultureInfo.InvariantCulture), 4, 9);
        Assert.Contains($"part {parts} of {parts}: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_may_be_fewer_and_a_sound_shorter()
    {
        int Tokens(params string[] args) => Generate([.. args, "--max-tokens", "1", "--json"]).Json().GetProperty("stats").GetProperty("media")[0].GetProperty("tokens").GetInt32();
        Assert.Equal(128, Tokens("--video", Example("clip-0.mkv"), "--video-frames", "2", "What happens in this video?"));
        Assert.Equal(128, Tokens("--video", Example("clip-0.mkv"), "--video-fps", "0.5", "What happens in this video?"));
        Assert.Equal(25, Tokens("--audio", Example("sound-1.wav"), "--max-audio", "1", "What was said?"));
        CommandRun cut = Generate("--audio", Example("sound-1.wav"), "--max-audio", "1", "What was said?", "--max-tokens", "1");
        Assert.Contains("the rest is left out by --max-audio", cut.Error, StringComparison.Ordinal);
        Assert.Equal(130, Tokens("--image", Example("picture-0.png"), "--image-tokens", "140", "What is in this picture?") + 9);
    }

    [Fact]
    public void A_chat_takes_files_for_the_next_line_and_asks_again_for_the_words_alone()
    {
        string input = $"/image {Example("picture-1.png")}\nHow many shapes are there?\n/stats\nHow many shapes are there?\n/stats\n/image\n/audio no/such.wav\n/clear\n/audio \"{Example("sound-2.wav")}\"\nTranscribe the audio.\n";
        CommandRun run = CommandRun.WithInput(input, ["chat", .. Tail]);
        string[] answers = run.Text().TrimEnd().Split('\n');
        Assert.Equal(("two.", "four seven."), (answers[0], answers[^1]));
        Assert.Contains("64 tokens (8 x 8 patches)", run.Error, StringComparison.Ordinal);
        Assert.Contains($"prompt   96 tokens ({Example("picture-1.png")} 64)", run.Error, StringComparison.Ordinal);
        Assert.Matches(@"prompt   30 tokens after 9[89] in the cache", run.Error);
        Assert.Contains("/image: expected a path after it", run.Error, StringComparison.Ordinal);
        Assert.Contains("no/such.wav must be", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_shows_what_the_model_gets()
    {
        using TemporaryFolder folder = new();
        string text = CommandRun.Of("inspect", Example("picture-0.png"), "--out", folder["seen.png"]).Text();
        Assert.Contains("8 x 8 patches of 48 pixels, 64 tokens (budget 70)", text, StringComparison.Ordinal);
        JsonElement seen = CommandRun.Of("inspect", folder["seen.png"], "--json").Json();
        Assert.Equal("384 x 384 pixels", seen.GetProperty("source").GetString());
        Assert.Equal(64, seen.GetProperty("tokens").GetInt32());

        JsonElement clip = CommandRun.Of("inspect", Example("clip-0.mkv"), "--json", "--out", folder["sheet.png"]).Json();
        Assert.Equal(["00:00", "00:01", "00:02", "00:03"], clip.GetProperty("frames").EnumerateArray().Select(stamp => stamp.GetString()));
        Assert.Equal("1536 x 384 pixels", CommandRun.Of("inspect", folder["sheet.png"], "--json").Json().GetProperty("source").GetString());

        JsonElement sound = CommandRun.Of("inspect", Example("sound-1.wav"), "--json").Json();
        Assert.Equal(sound.GetProperty("tokens").GetInt32(), sound.GetProperty("sounds").EnumerateArray().Sum(piece => piece.GetProperty("tokens").GetInt32()));
        Assert.Contains("is a sound", CommandRun.Of("inspect", Example("sound-1.wav"), "--out", folder["x.png"]).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--image", "no/such.png", "--image: no/such.png must be a picture, sound or video file, but there is no such file")]
    [InlineData("--image", "https://example.org/a.png", "nothing is ever fetched")]
    [InlineData("--video", "tests", "is a folder")]
    [InlineData("--image", "weights/examples/sound-0.wav", "must be a picture, but its bytes are those of a WAV sound")]
    [InlineData("--audio", "weights/examples/picture-0.png", "must be a sound, but its bytes are those of a PNG picture")]
    [InlineData("--video", "weights/examples/sound-0.wav", "must be a video, but its bytes are those of a WAV sound")]
    [InlineData("--audio", "README.md", "but is text;")]
    [InlineData("--image", "", "--image is empty")]
    public void A_file_that_cannot_be_taken_is_named(string flag, string path, string says)
    {
        string full = path.Contains("://", StringComparison.Ordinal) || path.StartsWith("no/", StringComparison.Ordinal) || path.Length == 0 ? path : Path.Combine(Repository.Root, path);
        CommandRun run = Generate(flag, full, "What is this?");
        Assert.Equal(1, run.Code);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', run.Error.TrimEnd());
    }

    [Fact]
    public void Flags_that_do_not_go_together_are_refused()
    {
        string picture = Example("picture-0.png");
        (string[] Args, string Says)[] cases =
        [
            (["--image", picture, "--raw", "x"], "--image and --raw"),
            (["--image", picture, "{} and {}"], "2 markers {}, but 1 item came"),
            (["--image", picture, "--image-tokens", "100", "x"], "--image-tokens 100: expected 70, 140, 280, 560 or 1120"),
            (["--video", Example("clip-0.mkv"), "--video-fps", "1", "--video-frames", "2", "x"], "--video-fps and --video-frames"),
            (["--video", Example("clip-0.mkv"), "--video-fps", "0", "x"], "--video-fps 0: expected"),
            (["--audio", Example("sound-0.wav"), "--max-audio", "-1", "x"], "--max-audio -1: expected"),
            (["--image", picture, "--marker", "", "x"], "--marker is empty"),
            (["--image", picture, "--context", "60", "x"], "lower --image-tokens"),
        ];
        foreach ((string[] args, string says) in cases)
        {
            CommandRun run = Generate(args);
            Assert.Equal(1, run.Code);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
        }

    }

    [Fact]
    public void A_checkpoint_of_text_says_so_before_anything_is_read()
    {
        using TemporaryFolder folder = new();
        JsonNode config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository.Pebble, "config.json")))!;
        config.AsObject().Remove("vision_config");
        config.AsObject().Remove("audio_config");
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        foreach ((string flag, string section) in new[] { ("--image", "vision_config"), ("--audio", "audio_config"), ("--video", "vision_config") })
        {
            CommandRun run = CommandRun.Of("generate", flag, Example("picture-0.png"), "x", "--model", folder.Path, "--device", "cpu");
            Assert.Equal(1, run.Code);
            Assert.Contains($"has no {section}", run.Error, StringComparison.Ordinal);
        }

        Assert.Contains("has no audio_config", CommandRun.Of("transcribe", Example("sound-0.wav"), "--model", folder.Path).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_ffmpeg_the_line_that_installs_it_is_given()
    {
        string? path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", "");
            CommandRun run = Generate("--video", Example("clip-0.mkv"), "What happens in this video?");
            Assert.Equal(1, run.Code);
            Assert.Contains("no 'ffmpeg' is on the path; install it with '", run.Error, StringComparison.Ordinal);
            Assert.Equal("two.\n", Generate("--image", Example("picture-1.png"), "How many shapes are there?").Text());
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    private static CommandRun Generate(params string[] args) => CommandRun.Of(["generate", .. args, .. Tail]);

    private static string Example(string name) => Path.Combine(Repository.Root, "weights", "examples", name);
}
