using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using GemmaVk.Media.Decoding;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

/// <summary>Programs in ffmpeg's place that hang, print garbage, or are not there.</summary>
[Collection("ffmpeg")]
public class FfmpegProgramTests
{
    [FfmpegFact]
    public void AnFfmpegThatHangsIsKilledWithItsChildren()
    {
        using TemporaryFolder folder = new();
        string program = folder.Program("ffmpeg", $"sleep 300 & echo $! > {folder["child"]}; wait");
        MediaLimits limits = new() { FfmpegProgram = program, Time = TimeSpan.FromSeconds(5) };
        string jpeg = folder.Write("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xD9]);
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Contains("within 5 seconds", Error(() => PictureFile.Read(jpeg, limits)), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(100), $"{watch.Elapsed}");
        AssertGone(int.Parse(File.ReadAllText(folder["child"])));
    }

    [FfmpegFact]
    public void CancellingKills()
    {
        using TemporaryFolder folder = new();
        MediaLimits limits = new() { FfmpegProgram = folder.Program("ffmpeg", $"echo $$ > {folder["self"]}; exec sleep 300") };
        using CancellationTokenSource source = new(TimeSpan.FromSeconds(5));
        Assert.ThrowsAny<OperationCanceledException>(() => SampleStream.Microphone("alsa:default", limits, source.Token).Read(new float[10]));
        AssertGone(int.Parse(File.ReadAllText(folder["self"])));
    }

    [FfmpegFact]
    public void AnFfmpegThatPrintsGarbageIsOneSentence()
    {
        using TemporaryFolder folder = new();
        string jpeg = folder.Write("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xD9]);
        foreach ((string script, string words) in ((string, string)[])
        [
            ("yes garbage", "could not be decoded"),
            ("head -c 5000 /dev/urandom", "could not be decoded"),
            ("printf 'P7\\nWIDTH 2000000000\\nHEIGHT 2000000000\\nDEPTH 3\\nMAXVAL 255\\nENDHDR\\n'; yes", "at most 134,217,728 pixels"),
            ("printf 'P7\\nWIDTH 9\\nHEIGHT 9\\nDEPTH 3\\nMAXVAL 255\\nENDHDR\\nabc'", "could not be decoded"),
            ("printf 'P7\\nWIDTH 1\\nHEIGHT 1\\nDEPTH 4\\nMAXVAL 255\\nENDHDR\\nabcd'", "could not be decoded"),
            ("printf '[mjpeg @ 0x1] \\033[31mno pic\\033[0mture\\nConversion failed!\\n' >&2; exit 1", "says [31mno pic[0mture;"),
            ("yes complaint 2> /dev/null | head -c 30000000 1>&2; exit 3", "complaint"),
            ("exit 0", "without a reason"),
        ])
        {
            MediaLimits limits = new() { FfmpegProgram = folder.Program("ffmpeg", script), Time = TimeSpan.FromSeconds(60) };
            string message = Error(() => PictureFile.Read(jpeg, limits)).Replace("\"", "", StringComparison.Ordinal);
            Assert.Contains(words, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', message);
            Assert.True(message.Length < 500, message);
        }
    }

    [FfmpegFact]
    public void AProbeThatPrintsGarbageIsOneSentence()
    {
        using TemporaryFolder folder = new();
        MediaLimits limits = new() { FfmpegProgram = folder.Program("ffmpeg", "exit 0") };
        foreach (string script in (string[])["echo hello", "echo '[1]'", "echo '{\"streams\":[{\"nb_read_packets\":7}]}'", "echo '{\"streams\":[]}'", "echo '{\"streams\":[{\"nb_read_packets\":\"9\",\"avg_frame_rate\":\"0/0\"}]}'"])
        {
            folder.Program("ffprobe", script);
            Assert.Contains("clip-h264.mp4", Error(() => VideoFile.Read(Golden.PathOf("video", "clip-h264.mp4"), limits: limits)), StringComparison.Ordinal);
        }
    }

    // The microphone itself cannot be tested without one: a program in ffmpeg's place says what it is asked and gives samples.
    [FfmpegFact]
    public void TheMicrophoneIsAskedForTheModelsForm()
    {
        using TemporaryFolder folder = new();
        MediaLimits limits = new() { FfmpegProgram = folder.Program("ffmpeg", $"echo \"$@\" > {folder["asked"]}; printf '\\000\\000\\000\\077\\000\\000\\200\\276'") };
        using SampleStream stream = SampleStream.Microphone("pulse:my mic", limits);
        float[] samples = new float[9];
        Assert.Equal(2, stream.Read(samples));
        Assert.Equal([0.5f, -0.25f], samples[..2]);
        Assert.Equal(0, stream.Read(samples));
        Assert.Contains("-f pulse -i my mic -ac 1 -ar 16000", File.ReadAllText(folder["asked"]), StringComparison.Ordinal);
        Assert.Contains("FORMAT:DEVICE", Error(() => SampleStream.Microphone("pulse", limits)), StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutFfmpegTheSentenceSaysHowToGetIt()
    {
        using TemporaryFolder folder = new();
        string jpeg = folder.Write("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xD9]);
        string message = Error(() => PictureFile.Read(jpeg, new MediaLimits { FfmpegProgram = folder["none"] }));
        Assert.Contains("a.jpg is a JPEG picture", message, StringComparison.Ordinal);
        Assert.Contains(Ffmpeg.Installation, message, StringComparison.Ordinal);
        Assert.Null(Ffmpeg.Find("ffmpeg", folder.Path));
        Assert.Null(Ffmpeg.Find("ffmpeg", "."));
        Assert.Null(Ffmpeg.Find("ffmpeg", null));
    }

    [Fact]
    public void ASignalThatEndsItIsNamed()
    {
        using TemporaryFolder folder = new();
        string jpeg = folder.Write("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xD9]);
        MediaLimits limits = new() { FfmpegProgram = folder.Program("ffmpeg", "kill -9 $$") };
        Assert.Contains("ffmpeg was ended by signal 9, as the system does when memory runs out", Error(() => PictureFile.Read(jpeg, limits)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("one\n[a @ 0x5] two: bad\nConversion failed!\n", "two: bad")]
    [InlineData("[mov @ 0x5] moov atom not found\nfile:/a/b: c.mp4: Invalid data found when processing input\n", "moov atom not found")]
    [InlineData("file:/a/b: c.mp4: Invalid data found when processing input\n", "Invalid data found when processing input")]
    [InlineData("file:/a.ogg: End of file\n", "End of file")]
    [InlineData("a\u0007b\u001b[2Jc\"", "ab[2Jc")]
    public void TheLastLineIsShown(string errors, string shown) => Assert.Equal(shown, FfmpegRun.Short(errors));

    private static string Error(Func<object> action) => Assert.ThrowsAny<GemmaVkException>(action).Message;

    private static void AssertGone(int id)
    {
        for (int i = 0; i < 1200 && Directory.Exists($"/proc/{id}"); i++)
        {
            if (File.Exists($"/proc/{id}/stat") && TryRead($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal))
            {
                return;
            }

            Thread.Sleep(50);
        }

        Assert.False(Directory.Exists($"/proc/{id}"), $"process {id} is still there");
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
