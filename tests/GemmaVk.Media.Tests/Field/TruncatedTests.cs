using System;
using System.IO;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>Files that were half downloaded: pictures are refused, clips and sounds are taken with a note.</summary>
[Collection("ffmpeg")]
public class TruncatedTests
{
    [FfmpegFact]
    public void APictureOfAnyFormatIsRefused()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("a whole JPEG picture", Error(() => PictureFile.Read(Golden.Field("pictures", "trunc.jpg"))), StringComparison.Ordinal);
        foreach ((string name, string[] options) in ((string, string[])[])
            [("a.jpg", ["-q:v", "2"]), ("a.webp", []), ("b.webp", ["-lossless", "1"]), ("a.gif", []), ("a.bmp", []), ("a.tiff", []), ("a.ppm", []), ("a.jp2", []), ("a.jxl", []), ("a.qoi", []), ("a.png", [])])
        {
            Made.By(["-f", "lavfi", "-i", "testsrc2=s=160x120", "-frames:v", "1", .. options, folder[name]]);
            byte[] whole = File.ReadAllBytes(folder[name]);
            Assert.Equal(160, PictureFile.Read(folder[name]).Width);
            string error = Error(() => PictureFile.Read(folder.Write("cut", whole[..(whole.Length * 9 / 10)])));
            Assert.True(error.Contains("could not be decoded", StringComparison.Ordinal) || error.Contains("truncated", StringComparison.Ordinal), $"{name}: {error}");
        }
    }

    // A scan that lost its middle and kept its end: only the decoder sees it.
    [FfmpegFact]
    public void APictureWithAHoleIsRefused()
    {
        using TemporaryFolder folder = new();
        Made.By("-f", "lavfi", "-i", "testsrc2=s=320x240", "-frames:v", "1", "-q:v", "2", folder["a.jpg"]);
        byte[] whole = File.ReadAllBytes(folder["a.jpg"]);
        Assert.Contains("ffmpeg says \"overread", Error(() => PictureFile.Read(folder.Write("b.jpg", [.. whole[..(whole.Length / 2)], 0xFF, 0xD9]))), StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void AClipIsTakenWithANote()
    {
        Video video = VideoFile.Read(Golden.Field("video", "truncfast.mp4"));
        Assert.Contains("its header gives 20 s, but its pictures end after 9.87 s", video.Note, StringComparison.Ordinal);
        Assert.Contains("partial file", video.Note, StringComparison.Ordinal);
        Assert.Equal((296, 32), (video.TotalFrames, video.Frames.Count));
        // Cut where the frames that are looked at reach the end: ffprobe and ffmpeg both complain, and one of them is heard.
        using TemporaryFolder folder = new();
        string? note = VideoFile.Read(folder.Write("cut.mp4", File.ReadAllBytes(Golden.Field("video", "truncfast.mp4"))[..60000])).Note;
        Assert.Equal(2, note?.Split("ffmpeg says").Length);
        Assert.Null(VideoFile.Read(Golden.PathOf("video", "clip-h264.mp4")).Note);
    }

    [FfmpegFact]
    public void ASoundIsTakenWithANote()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, string words) in ((string, string)[])[("a.mp3", "its header gives 3"), ("a.flac", "ffmpeg says"), ("a.m4a", "ffmpeg says"), ("a.mka", "ended prematurely"), ("a.aiff", "its header gives 3 s")])
        {
            Made.By(["-f", "lavfi", "-i", "sine=440:d=3:r=16000", "-ac", "1", .. name == "a.m4a" ? (string[])["-movflags", "faststart"] : [], folder[name]]);
            Sound.Read(folder[name], out string? none);
            Assert.True(none is null, $"{name}: {none}");
            byte[] whole = File.ReadAllBytes(folder[name]);
            int came = Sound.Read(folder.Write("cut", whole[..(whole.Length * 6 / 10)]), out string? note).Length;
            Assert.InRange(came, 1000, 47000);
            Assert.True(note?.Contains(words, StringComparison.Ordinal) == true, $"{name}: {note}");
        }
    }

    private static string Error(Func<object> action) => Assert.ThrowsAny<GemmaVkException>(action).Message;
}
