using System;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Media.Decoding;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>Times of frames and lengths of clips come from what is known: the rate where frames keep it, else their own times.</summary>
[Collection("ffmpeg")]
public class VideoTimesTests
{
    [FfmpegFact]
    public void AThousandFramesASecond()
    {
        Video video = VideoFile.Read(Golden.Field("video", "fps1000.mkv"), new VideoOptions { Frames = 4 });
        Assert.Equal((1000L, 1.0), (video.TotalFrames, Math.Round(video.Seconds, 6)));
        Assert.Equal([0, 0.25, 0.5, 0.75], video.Times.Select(time => Math.Round(time, 6)));
        Assert.Equal(2, VideoFile.Read(Golden.Field("video", "fps1000.mkv"), new VideoOptions { FramesPerSecond = 2 }).Frames.Count);
        Assert.Null(video.Note);
    }

    // Ten frames in the first second and one every two seconds after it.
    [FfmpegFact]
    public void AVariableRate()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["a.mkv", "a.mp4"])
        {
            Made.By(
                "-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=1.5", "-vf", "setpts='if(lt(N,10),N/10/TB,(1+2*(N-9))/TB)'", "-fps_mode", "vfr", "-video_track_timescale", "90000", "-c:v", "libx264", "-bf", "2", folder[name]);
            Video video = VideoFile.Read(folder[name], new VideoOptions { Frames = 15 });
            Assert.Equal(15, video.Frames.Count);
            Assert.Equal(["00:00", "00:03", "00:05", "00:07", "00:09", "00:11"], video.Stamps.Skip(9));
            Assert.Equal(0.9, video.Times[9], 3);
            Assert.InRange(video.Seconds, 11, 13.1);
        }
    }

    [FfmpegFact]
    public void OneFrameALateStartAndAnAnimation()
    {
        using TemporaryFolder folder = new();
        Made.By("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=1", "-frames:v", "1", "-c:v", "ffv1", folder["one.mkv"]);
        Video one = VideoFile.Read(folder["one.mkv"]);
        Assert.Equal(["00:00"], one.Stamps);
        Assert.InRange(one.Seconds, 0.01, 0.2);

        Made.By("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=2", "-output_ts_offset", "100", "-c:v", "libx264", folder["late.mkv"]);
        Video late = VideoFile.Read(folder["late.mkv"], new VideoOptions { Frames = 2 });
        Assert.Equal([0, 1], late.Times);
        Assert.Equal(2, late.Seconds, 3);

        Made.By("-f", "lavfi", "-i", "testsrc2=s=64x48:r=2:d=3", folder["a.gif"]);
        Assert.Equal(["00:00", "00:00", "00:01", "00:01", "00:02", "00:02"], VideoFile.Read(folder["a.gif"]).Stamps);
    }

    [Theory]
    [InlineData("0|10|20|30", "0/0", "1/10", "N/A", "0 1 2 3", 4)]
    [InlineData("0|10|20|30", "90000/1", "1/10", "N/A", "0 1 2 3", 4)]
    [InlineData("-5|5|15|25", "1/0", "1/10", "N/A", "0 1 2 3", 4)]
    [InlineData("0|20|10|30", "0/0", "1/10", "N/A", "0 1 2 3", 4)]
    [InlineData("0|10|20|30", "1/1", "1/10", "4", "0 1 2 3", 4)]
    [InlineData("N/A|N/A|N/A|N/A", "2/1", "1/10", "N/A", "0 0.5 1 1.5", 2)]
    [InlineData("N/A|N/A|N/A|N/A", "0/0", "1/10", "8", "0 2 4 6", 8)]
    [InlineData("0|0|0|0", "0/0", "1/90000", "8", "0 2 4 6", 8)]
    [InlineData("0|10|10000|10010", "2/1", "1/10", "N/A", "0 1 1000 1001", 1002)]
    public void TimesFromAnswers(string shown, string rate, string tick, string length, string times, double seconds)
    {
        string answer = string.Concat(shown.Split('|').Select(pts => $"packet|pts={pts}|dts=N/A|duration=10|flags=K_\n")) + $"stream|avg_frame_rate={rate}|time_base={tick}|duration={length}\nformat|duration={length}\n";
        VideoFacts facts = Parse(answer)!;
        Assert.Equal(times.Split(' ').Select(double.Parse), Enumerable.Range(0, 4).Select(i => Math.Round(facts.TimeOf(i), 6)));
        Assert.Equal(seconds, facts.Seconds, 6);
        Assert.Null(facts.Note);
    }

    [Fact]
    public void WhatHadToBeAssumedIsSaid()
    {
        VideoFacts facts = Parse("packet|pts=N/A|flags=K_\npacket|pts=N/A|flags=K_\nstream|avg_frame_rate=0/0|time_base=1/10|duration=N/A\nformat|duration=N/A\n")!;
        Assert.Contains("24 frames a second are assumed", facts.Note, StringComparison.Ordinal);
        Assert.Equal(1.0 / 24, facts.TimeOf(1));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"streams\": null}")]
    public void WhatIsNoAnswerIsNone(string answer) => Assert.Null(Parse(answer));

    [Fact]
    public void AnAnswerBeyondALimitIsRefused()
    {
        Assert.Contains("at most 03:00:00 long", Assert.Throws<GemmaVkException>(() => Parse("packet|pts=0|duration=1\npacket|pts=99999999\nstream|avg_frame_rate=0/0|time_base=1/1\n")).Message, StringComparison.Ordinal);
        Assert.Contains("at least one frame", Assert.Throws<GemmaVkException>(() => Parse("stream|avg_frame_rate=1/1\nformat|duration=1\n")).Message, StringComparison.Ordinal);
        Assert.NotNull(Parse($"packet|pts={long.MaxValue}|duration=1e300\nstream|avg_frame_rate=1e308/1|time_base=1/1\n"));
    }

    [FfmpegFact]
    public void AProgramInFfprobesPlaceIsOneSentence()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["ffmpeg"], Ffmpeg.Find()!);
        foreach (string script in (string[])["echo null", "yes '{' | head -c 3000000", "head -c 100000 /dev/urandom", "true"])
        {
            folder.Program("ffprobe", script);
            Assert.Contains("clip-h264.mp4 could not be", Assert.ThrowsAny<GemmaVkException>(
                () => VideoFile.Read(Golden.PathOf("video", "clip-h264.mp4"), limits: new MediaLimits { FfmpegProgram = folder["ffmpeg"] })).Message, StringComparison.Ordinal);
        }
    }

    private static VideoFacts? Parse(string answer) => VideoFacts.Parse(new MemoryStream(Encoding.UTF8.GetBytes(answer)), "a.mkv", MediaLimits.Default);
}
