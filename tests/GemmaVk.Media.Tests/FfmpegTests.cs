using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

/// <summary>Formats that ffmpeg reads, made by ffmpeg itself.</summary>
[Collection("ffmpeg")]
public class FfmpegTests
{
    [FfmpegFact]
    public void TheGoldenClips()
    {
        foreach (JsonElement clip in Golden.Json("video.json").GetProperty("clips").EnumerateArray())
        {
            string path = Golden.PathOf(clip.GetProperty("file").GetString()!);
            Video video = VideoFile.Read(path, new VideoOptions { Sound = true });
            Assert.Equal(clip.GetProperty("total_num_frames").GetInt64(), video.TotalFrames);
            Assert.Equal(clip.GetProperty("fps").GetDouble(), video.FramesPerSecond);
            Assert.Equal(clip.GetProperty("num_soft_tokens_per_frame").GetInt32(), video.TokensPerFrame);
            Assert.Equal(clip.GetProperty("indices").EnumerateArray().Select(index => index.GetInt64() / video.FramesPerSecond), video.Times);
            int height = clip.GetProperty("target_height").GetInt32(), width = clip.GetProperty("target_width").GetInt32();
            Assert.All(video.Frames, frame => Assert.Equal((height, width), (frame.Height, frame.Width)));
            string text = string.Join(' ', video.Stamps.Select(stamp => $"{stamp} <|image>{string.Concat(Enumerable.Repeat("<|video|>", video.TokensPerFrame))}<image|>"));
            Assert.Equal(clip.GetProperty("prompt_text").GetString(), text);
            Assert.Equal(clip.GetProperty("audio_tokens").GetInt32(), AudioFrames.Count(video.Sound!.Length));
            if (clip.TryGetProperty("audio", out JsonElement audio))
            {
                Assert.Equal(Golden.Read<int>("video.safetensors", audio.GetString()!).Select(sample => sample / 32768f), video.Sound);
            }

            CompareFrames(clip, video);
        }
    }

    [FfmpegFact]
    public void PicturesOfOtherFormats()
    {
        using TemporaryFolder folder = new();
        string source = Golden.PathOf("images", "large-1024x768.png");
        byte[] expected = PictureFile.Read(source).Rgb;
        foreach ((string name, int tolerance, string[] options) in ((string, int, string[])[])
            [("a.jpg", 12, ["-q:v", "1", "-pix_fmt", "yuvj444p"]), ("a.bmp", 0, []), ("a.tiff", 0, []), ("a.ppm", 0, []), ("a.webp", 0, ["-lossless", "1", "-c:v", "libwebp"]), ("a.gif", 160, [])])
        {
            Run(["-i", source, .. options, folder[name]]);

            // The name says something else: the bytes count.
            File.Move(folder[name], folder["b.wav"], overwrite: true);
            Picture picture = PictureFile.Read(folder["b.wav"]);
            Assert.Equal((768, 1024), (picture.Height, picture.Width));
            Assert.InRange(expected.Zip(picture.Rgb).Average(pair => Math.Abs(pair.First - pair.Second)), 0, tolerance / 4.0);
            Assert.InRange(expected.Zip(picture.Rgb).Max(pair => Math.Abs(pair.First - pair.Second)), 0, tolerance);
        }
    }

    [FfmpegFact]
    public void TransparencyOfOtherFormatsIsOnWhite()
    {
        using TemporaryFolder folder = new();
        string source = Golden.PathOf("images", "rgba-alpha-ramp.png");
        Run(["-i", source, "-lossless", "1", "-c:v", "libwebp", folder["a.webp"]]);
        Run(["-i", source, "-c:v", "tiff", folder["a.tiff"]]);
        Assert.Equal(PictureFile.Read(source).Rgb, PictureFile.Read(folder["a.tiff"]).Rgb);
        Assert.InRange(PictureFile.Read(source).Rgb.Zip(PictureFile.Read(folder["a.webp"]).Rgb).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1);
    }

    [FfmpegFact]
    public void OfAnAnimationTheFirstFrameCounts()
    {
        using TemporaryFolder folder = new();
        string[] redThenBlue = ["-f", "lavfi", "-i", "color=red:s=60x40:d=0.2:r=10[out0]", "-f", "lavfi", "-i", "color=blue:s=60x40:d=0.2:r=10", "-filter_complex", "[0][1]concat,format=rgb24"];
        foreach ((string name, string[] options) in ((string, string[])[])[("a.gif", []), ("a.webp", ["-c:v", "libwebp_anim", "-lossless", "1"]), ("a.png", ["-f", "apng"])])
        {
            Run([.. redThenBlue, .. options, folder[name]]);
            Picture picture = PictureFile.Read(folder[name]);
            Assert.Equal((40, 60), (picture.Height, picture.Width));
            Assert.True(picture.Rgb[0] > 240 && picture.Rgb[2] < 15, $"{name} begins with {picture.Rgb[0]}, {picture.Rgb[1]}, {picture.Rgb[2]}");
        }

        Assert.Equal(4, VideoFile.Read(folder["a.gif"]).Frames.Count);
    }

    [FfmpegFact]
    public void TheOrientationOfAPhotographIsApplied()
    {
        using TemporaryFolder folder = new();
        Run(["-f", "lavfi", "-i", "color=red:s=64x32,drawbox=x=0:y=0:w=32:h=32:color=blue:t=fill", "-frames:v", "1", "-q:v", "1", folder["a.jpg"]]);
        byte[] plain = File.ReadAllBytes(folder["a.jpg"]);
        byte[] exif = PngTests.Exif(6, big: true);
        byte[] turned = [.. plain[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 8), .. "Exif\0\0"u8, .. exif, .. plain[2..]];
        Picture upright = PictureFile.Read(folder.Write("b.jpg", turned));

        // Orientation 6: what was left is on top.
        Assert.Equal((64, 32), (upright.Height, upright.Width));
        Assert.True(upright.Rgb[2] > 200, "blue on top");
        Assert.True(upright.Rgb[^3] > 200, "red at the bottom");
    }

    [FfmpegFact]
    public void SoundsOfOtherFormats()
    {
        using TemporaryFolder folder = new();
        string source = Golden.PathOf("audio", "mono16k-exact-6400.wav");
        float[] expected = Sound.Read(source);
        foreach ((string name, string[] options) in ((string, string[])[])[("a.flac", []), ("a.aiff", []), ("a.mkv", ["-c:a", "pcm_s16le"]), ("a.caf", ["-c:a", "pcm_s16le"]), ("a.w64", [])])
        {
            if (name == "a.w64")
            {
                // A WAV file whose codec needs ffmpeg.
                Run(["-i", source, "-c:a", "pcm_mulaw", folder["mu.wav"]]);
                Assert.Equal(expected.Length, Sound.Read(folder["mu.wav"]).Length);
                continue;
            }

            Run(["-i", source, .. options, folder[name]]);
            Assert.Equal(expected, Sound.Read(folder[name]));
        }

        Run(["-i", Golden.PathOf("audio", "stereo44k1.wav"), "-c:a", "libmp3lame", "-b:a", "192k", folder["a.mp3"]]);
        Assert.InRange(AudioFrames.Count(Sound.Read(folder["a.mp3"]).Length), 25, 27);
    }

    [FfmpegFact]
    public void AVideoHeldOnItsSideIsUpright()
    {
        using TemporaryFolder folder = new();
        Run(["-i", Golden.PathOf("video", "clip-h264.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=90", folder["a.mp4"]]);
        Video video = VideoFile.Read(folder["a.mp4"], new VideoOptions { Frames = 3 });
        Assert.Equal([0, 1, 2], video.Times);
        Assert.Equal((64, 48), (video.SourceHeight, video.SourceWidth));
    }

    [FfmpegFact]
    public void FewFramesAreAllTaken()
    {
        using TemporaryFolder folder = new();
        Run(["-f", "lavfi", "-i", "testsrc=s=64x48:r=1:d=4", "-c:v", "ffv1", folder["a.mkv"]]);
        Video video = VideoFile.Read(folder["a.mkv"]);
        Assert.Equal(["00:00", "00:01", "00:02", "00:03"], video.Stamps);
        Assert.Equal(4, video.Frames.Count);
        Assert.Null(video.Sound);
        Assert.Equal(2, VideoFile.Read(folder["a.mkv"], new VideoOptions { FramesPerSecond = 0.5 }).Frames.Count);
        Assert.Contains("sound track", Error(() => VideoFile.Read(folder["a.mkv"], new VideoOptions { Sound = true })), StringComparison.Ordinal);
    }

    // ffmpeg refuses expressions of a hundred levels.
    [FfmpegFact]
    public void HundredsOfFramesArePicked()
    {
        using TemporaryFolder folder = new();
        Run(["-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=22.6", "-c:v", "ffv1", folder["a.mkv"]]);
        Video all = VideoFile.Read(folder["a.mkv"], new VideoOptions { Frames = 313 });
        Video half = VideoFile.Read(folder["a.mkv"], new VideoOptions { Frames = 113 });
        Assert.Equal((226, 113), (all.Frames.Count, half.Frames.Count));
        Assert.InRange(all.Frames.Select(frame => Convert.ToHexString(frame.Rgb)).Distinct().Count(), 200, 226);
        for (int k = 0; k < half.Frames.Count; k++)
        {
            Assert.Equal(all.Times[2 * k], half.Times[k]);
            Assert.Equal(all.Frames[2 * k].Rgb, half.Frames[k].Rgb);
        }
    }

    // A file may store more frames than decode: then those that decode are counted, and the rule picks among them.
    [FfmpegFact]
    public void FramesThatDoNotDecodeAreNotCounted()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["ffmpeg"], Ffmpeg.Find()!);
        folder.Program("ffprobe", """
            case "$*" in
            *frame=*) for i in $(seq 0 71); do echo "frame|best_effort_timestamp=$i|duration=1"; done; echo 'stream|avg_frame_rate=24/1|time_base=1/24|duration=3.000000';;
            *) for i in $(seq 0 299); do echo "packet|pts=N/A|dts=N/A|duration=N/A|flags=K_"; done; echo 'stream|avg_frame_rate=0/0|time_base=1/24|duration=N/A';;
            esac
            """);
        Video video = VideoFile.Read(Golden.PathOf("video", "clip-h264.mp4"), new VideoOptions { Frames = 3 }, new MediaLimits { FfmpegProgram = folder["ffmpeg"] });
        Assert.Equal((72, 24), (video.TotalFrames, video.FramesPerSecond));
        Assert.Equal([0, 1, 2], video.Times);
    }

    [FfmpegFact]
    public void BadFilesAreOneSentence()
    {
        using TemporaryFolder folder = new();
        byte[] clip = File.ReadAllBytes(Golden.PathOf("video", "clip-h264.mp4"));
        Assert.Contains("could not be decoded", Error(() => VideoFile.Read(folder.Write("a.mp4", clip[..2000]))), StringComparison.Ordinal);
        Run(["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", folder["a.jpg"]]);
        Assert.Contains("truncated download", Error(() => PictureFile.Read(folder.Write("b.jpg", File.ReadAllBytes(folder["a.jpg"])[..30]))), StringComparison.Ordinal);
        Run(["-i", Golden.PathOf("audio", "mono8k.wav"), "-f", "mp4", folder["sound.mp4"]]);
        Assert.Contains("none", Error(() => VideoFile.Read(folder["sound.mp4"])), StringComparison.Ordinal);
        Assert.Contains("at most 00:00:01 long", Error(() => VideoFile.Read(Golden.PathOf("video", "clip-h264.mp4"), limits: new MediaLimits { Duration = TimeSpan.FromSeconds(1) })), StringComparison.Ordinal);
        Assert.Contains("at most 1,000 pixels", Error(() => PictureFile.Read(folder["a.jpg"], new MediaLimits { Pixels = 1000 })), StringComparison.Ordinal);
        Assert.Contains("at most 1,000 pixels", Error(() => VideoFile.Read(Golden.PathOf("video", "clip-h264.mp4"), limits: new MediaLimits { Pixels = 1000 })), StringComparison.Ordinal);
    }

    // A playlist names other files and addresses: it must not reach ffmpeg under any name.
    [FfmpegFact]
    public void APlaylistIsNoVideo()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["a.mp4"], $"#EXTM3U\n#EXTINF:1,\nfile://{Golden.PathOf("video", "clip-h264.mp4")}\n");
        Assert.Contains("is a playlist", Error(() => VideoFile.Read(folder["a.mp4"])), StringComparison.Ordinal);
        File.WriteAllText(folder["b.mp4"], $"ffconcat version 1.0\nfile '{Golden.PathOf("video", "clip-h264.mp4")}'\n");
        Assert.Contains("but is text;", Error(() => VideoFile.Read(folder["b.mp4"])), StringComparison.Ordinal);
    }

    private static void CompareFrames(JsonElement clip, Video video)
    {
        // Chroma may be interpolated otherwise: the golden folder allows a mean of 3 and 16 at most, before resizing; compare resized ones.
        int height = clip.GetProperty("height").GetInt32(), width = clip.GetProperty("width").GetInt32();
        byte[] frames = Golden.Read<byte>("video.safetensors", clip.GetProperty("frames").GetString()!);
        int size = height * width * 3;
        for (int k = 0; k < video.Frames.Count; k++)
        {
            Picture golden = BicubicResize.ToBudget(new Picture(height, width, frames.AsSpan(k * size, size).ToArray()), ImageSizing.FrameBudget);
            int[] differences = [.. golden.Rgb.Zip(video.Frames[k].Rgb).Select(pair => Math.Abs(pair.First - pair.Second))];
            Assert.InRange(differences.Average(), 0, 3);
            Assert.InRange(differences.Max(), 0, 20);
        }
    }

    private static string Error(Func<object> action) => Assert.ThrowsAny<GemmaVkException>(action).Message;

    private static void Run(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Ffmpeg.Find()!, ["-nostdin", "-y", "-loglevel", "error", .. arguments]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ffmpeg {string.Join(' ', arguments)}: {errors}");
    }
}
