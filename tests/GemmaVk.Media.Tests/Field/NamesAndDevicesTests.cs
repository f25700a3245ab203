using System;
using System.IO;
using System.Linq;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>Names that ffmpeg could take for options, patterns or addresses; pipes with names; and the microphone's command line on a real device.</summary>
[Collection("ffmpeg")]
public class NamesAndDevicesTests
{
    [FfmpegFact]
    public void NamesAreNamesAlone()
    {
        using TemporaryFolder folder = new();
        Made.By("-f", "lavfi", "-i", Made.Squares, "-frames:v", "1", "-q:v", "1", folder["a.jpg"]);
        Made.By("-f", "lavfi", "-i", "sine=440:d=1:r=16000", folder["a.flac"]);
        File.Copy(Golden.PathOf("video", "clip-h264.mp4"), folder["a.mp4"]);
        string before = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(folder.Path);
            foreach (string name in (string[])["-x.png", "-i", "%d.jpg", "%03d%%.jpg", "concat:a|b", "file:a.jpg", "pipe:0", "a b'\"$(c).jpg", "a:b:c", "[0:v]", "*.jpg", "Bild ü 画.jpg", " "])
            {
                File.Copy(folder["a.jpg"], folder[name], overwrite: true);
                Made.AssertSquares(PictureFile.Read(name));
                File.Copy(folder["a.flac"], folder[name], overwrite: true);
                Assert.Equal(16_000, Sound.Read(name).Length);
                if (name is not ("-x.png" or "%d.jpg" or "concat:a|b"))
                {
                    continue;
                }

                File.Copy(folder["a.mp4"], folder[name], overwrite: true);
                Assert.Equal(2, VideoFile.Read(name, new VideoOptions { Frames = 2 }).Frames.Count);
            }
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    [FfmpegFact]
    public void APipeWithANameIsOneSentence()
    {
        if (File.Exists("/dev/zero"))
        {
            foreach (Func<object> read in (Func<object>[])[() => PictureFile.Read("/dev/zero"), () => Sound.Read("/dev/zero"), () => VideoFile.Read("/dev/zero")])
            {
                Assert.Contains("/dev/zero must be a", Assert.ThrowsAny<GemmaVkException>(read).Message, StringComparison.Ordinal);
            }
        }
    }

    [FfmpegFact]
    public void AMicrophoneThatEveryFfmpegHas()
    {
        using SampleStream stream = SampleStream.Microphone("lavfi:sine=frequency=440:duration=1");
        float[] samples = new float[20_000];
        int count = 0;
        for (int came; (came = stream.Read(samples.AsSpan(count))) > 0;)
        {
            count += came;
        }

        Assert.InRange(count, 15_900, 16_100);
        Assert.InRange(samples.Max(), 0.1, 0.3);
        Assert.Null(stream.Note);
    }
}
