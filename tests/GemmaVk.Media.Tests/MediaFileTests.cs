using System;
using System.IO;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

/// <summary>Paths that are no media files, and files that are other media than asked for.</summary>
public class MediaFileTests
{
    [Theory]
    [InlineData("http://example.org/a.png", "is an address")]
    [InlineData("file:///a.png", "is an address")]
    [InlineData("data:image/png;base64,AAAA", "is an address")]
    [InlineData("nowhere.png", "no such file")]
    [InlineData("no/where.png", "no such file")]
    [InlineData("", "")]
    public void WhatIsNoFileIsOneSentence(string path, string words)
    {
        foreach (Action read in (Action[])[() => PictureFile.Read(path), () => Sound.Read(path), () => VideoFile.Read(path), () => MediaKind.Of(path)])
        {
            Assert.Contains(words, Assert.Throws<GemmaVkException>(read).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AFolderAnEmptyFileAndTextAreOneSentenceEach()
    {
        using TemporaryFolder folder = new();
        string empty = folder.Write("a.png", []), text = folder.Write("b.png", [.. "<html>"u8]);
        foreach (Func<string, object> read in (Func<string, object>[])[path => PictureFile.Read(path), path => Sound.Read(path), path => VideoFile.Read(path), MediaKind.Of])
        {
            Assert.Contains("is a folder", Assert.Throws<GemmaVkException>(() => read(folder.Path)).Message, StringComparison.Ordinal);
            Assert.Contains("is empty", Assert.Throws<GemmaVkException>(() => read(empty)).Message, StringComparison.Ordinal);
            Assert.Contains("is a page of HTML", Assert.Throws<GemmaVkException>(() => read(text)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheBytesSayWhatAFileIs()
    {
        using TemporaryFolder folder = new();
        File.Copy(Golden.PathOf("images", "one-pixel.png"), folder["a.wav"]);
        File.Copy(Golden.PathOf("audio", "mono8k.wav"), folder["b.png"]);
        Assert.Equal((MediaForm.Picture, "PNG", true), (MediaKind.Of(folder["a.wav"]).Form, MediaKind.Of(folder["a.wav"]).Format, MediaKind.Of(folder["a.wav"]).IsOwn));
        Assert.Equal(MediaForm.Sound, MediaKind.Of(folder["b.png"]).Form);
        Assert.Equal("MP4 video", MediaKind.Of(Golden.PathOf("video", "clip-h264.mp4")).ToString());
        Assert.Equal("AVI video", MediaKind.Of(Golden.PathOf("video", "clip-mjpeg.avi")).ToString());
        Assert.Equal(1, PictureFile.Read(folder["a.wav"]).Height);
        Assert.Equal(16_000, Sound.Read(folder["b.png"]).Length);
        Assert.Contains("those of a WAV sound", Assert.Throws<GemmaVkException>(() => PictureFile.Read(folder["b.png"])).Message, StringComparison.Ordinal);
        Assert.Contains("those of an MP4 video", Assert.Throws<GemmaVkException>(() => PictureFile.Read(Golden.PathOf("video", "clip-h264.mp4"))).Message, StringComparison.Ordinal);
        Assert.Contains("those of a PNG picture", Assert.Throws<GemmaVkException>(() => Sound.Read(folder["a.wav"])).Message, StringComparison.Ordinal);
        Assert.Contains("those of a PNG picture", Assert.Throws<GemmaVkException>(() => VideoFile.Read(folder["a.wav"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FFD8FFE000104A46", "JPEG picture")]
    [InlineData("474946383961", "GIF picture")]
    [InlineData("52494646000000005745425056503820", "WebP picture")]
    [InlineData("0000001C667479706176696600000000", "AVIF picture")]
    [InlineData("0000001C667479706865696300000000", "HEIF picture")]
    [InlineData("0000001C667479704D34412000000000", "M4A sound")]
    [InlineData("0000001C6674797069736F6D00000000", "MP4 video")]
    [InlineData("494433040000", "MP3 sound")]
    [InlineData("FFFB9064", "MP3 sound")]
    [InlineData("FFF15080", "AAC sound")]
    [InlineData("664C6143", "FLAC sound")]
    [InlineData("4F676753000200000000000000000000", "Ogg sound")]
    [InlineData("1A45DFA3", "Matroska video")]
    [InlineData("424D46000000000000003600", "BMP picture")]
    [InlineData("49492A0008000000", "TIFF picture")]
    [InlineData("50360A", "PNM picture")]
    public void KindsByTheirBytes(string bytes, string kind) => Assert.Equal(kind, MediaKind.OfBytes(Convert.FromHexString(bytes))?.ToString());

    [Fact]
    public void ALargeFileIsRefusedBeforeItIsRead()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.png", [1]);
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(4L << 30);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("at most 536,870,912 bytes", Assert.Throws<GemmaVkException>(() => PictureFile.Read(path)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }
}
