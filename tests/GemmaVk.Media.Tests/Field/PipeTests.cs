using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>What comes through a pipe: sounds of every kind are heard, other files are named, and only what is nothing known is bare samples.</summary>
[Collection("ffmpeg")]
public class PipeTests
{
    [FfmpegFact]
    public void SoundsOfEveryKindAreHeard()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, string[] options) in ((string, string[])[])
        [
            ("a.wav", []), ("rf64.wav", ["-rf64", "always"]), ("mu.wav", ["-c:a", "pcm_mulaw"]), ("a.w64", []), ("a.aiff", []), ("a.au", []), ("a.caf", ["-c:a", "pcm_s16be"]),
            ("id3.mp3", []), ("a.mp3", ["-write_xing", "0", "-id3v2_version", "0"]), ("low.mp3", ["-ar", "22050", "-write_xing", "0", "-id3v2_version", "0"]), ("a.mp2", []),
            ("a.aac", []), ("a.flac", []), ("a.ogg", []), ("a.opus", []), ("a.webm", []), ("a.mka", []), ("fast.m4a", ["-movflags", "faststart"]),
            ("parts.mp4", ["-movflags", "frag_keyframe+empty_moov"]), ("a.ac3", []), ("a.ts", []), ("a.wv", []), ("a.tta", []), ("a.voc", []), ("a.flv", ["-ar", "44100"]), ("a.asf", []), ("a.avi", []),
        ])
        {
            Made.By(["-f", "lavfi", "-i", "sine=440:d=1.5:r=16000", "-ac", "1", .. options, folder[name]]);
            float[] samples = Read(File.ReadAllBytes(folder[name]), out string? note);
            Assert.True(samples.Length is > 22_000 and < 27_000 && (note is null || name == "a.wv"), $"{name}: {samples.Length} samples, {note}");
            Assert.InRange(samples.Max(), 0.08, 0.3);
        }
    }

    [FfmpegFact]
    public void TheSoundsOfTheField()
    {
        Assert.Equal(Sound.Read(Golden.Field("audio", "a.aiff")), Read(File.ReadAllBytes(Golden.Field("audio", "a.aiff")), out _));
        Assert.Equal(Sound.Read(Golden.Field("audio", "a.au")), Read(File.ReadAllBytes(Golden.Field("audio", "a.au")), out _));
    }

    [FfmpegFact]
    public void OneThatIsCutOffHasANote()
    {
        using TemporaryFolder folder = new();
        Made.By("-f", "lavfi", "-i", "sine=440:d=3:r=16000", folder["a.flac"]);
        byte[] whole = File.ReadAllBytes(folder["a.flac"]);
        Assert.InRange(Read(whole[..(whole.Length / 2)], out string? note).Length, 4_000, 40_000);
        Assert.Contains("ffmpeg says", note, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void AnIndexAtTheEndNeedsAFile()
    {
        using TemporaryFolder folder = new();
        Made.By("-f", "lavfi", "-i", "sine=440:d=1:r=16000", folder["a.m4a"]);
        Assert.Contains("whose index is at its end", Error(File.ReadAllBytes(folder["a.m4a"])), StringComparison.Ordinal);
        Made.By("-f", "lavfi", "-i", "testsrc=s=64x64:d=1", folder["a.mkv"]);
        Assert.Contains("must have a sound track", Error(File.ReadAllBytes(folder["a.mkv"])), StringComparison.Ordinal);
    }

    public static TheoryData<byte[], string> Others => new()
    {
        { File.ReadAllBytes(Golden.Field("pictures", "one.avif")), "a picture in the format AVIF" },
        { File.ReadAllBytes(Golden.Field("pictures", "trunc.jpg")), "a picture in the format JPEG" },
        { File.ReadAllBytes(Golden.Field("pictures", "png-exif6-prefix.png")), "a picture in the format PNG" },
        { [.. "GIF89a"u8, .. new byte[600]], "a picture in the format GIF" },
        { [.. "<!DOCTYPE html><html><head>"u8], "a page of HTML" },
        { [.. "\u00EF\u00BB\u00BF{\"error\": \"not found\"}".Select(c => (byte)c)], "JSON text" },
        { Encoding.UTF8.GetBytes("Grüße aus der Datei.\n" + new string('x', 600)), "text" },
        { [.. "hi"u8], "text" },
        { Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("Hello, world")).ToArray(), "text in UTF-16" },
        { [.. "#EXTM3U\nhttp://example.org/a.mp3\n"u8], "a playlist" },
        { [.. "PK\u0003\u0004"u8, .. new byte[100]], "a ZIP archive" },
        { [.. "%PDF-1.7\n"u8, 0xE2, 0xE3, .. new byte[100]], "a PDF document" },
        { [0x1F, 0x8B, 8, .. new byte[100]], "a gzip archive" },
        { [.. "MThd"u8, .. new byte[100]], "a MIDI file" },
        { [.. "RIFX"u8, 0, 0, 0, 36, .. "WAVEfmt "u8, .. new byte[28]], "a big-endian WAV file" },
        { [.. "RIFF"u8, 1, 0, 0, 0, .. "RMID"u8, .. new byte[100]], "a RIFF file of another type" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void OtherFilesAreNamed(byte[] file, string name) => Assert.Contains($"but carries {name}", Error(file), StringComparison.Ordinal);

    // Marks of two bytes are in samples too: -1025 is FF FB, as an MP3 begins, 30475 is 0B 77, and so on.
    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFB, 0x90, 0x64 })]
    [InlineData(new byte[] { 0xFF, 0xF1, 0x50, 0x80 })]
    [InlineData(new byte[] { 0x0B, 0x77, 0, 1 })]
    [InlineData(new byte[] { (byte)'B', (byte)'M', 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x47, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0xFF, 0xFE, 1, 0 })]
    public void BareSamplesThatBeginLikeSomethingElse(byte[] start)
    {
        byte[] file = [.. start, .. Enumerable.Range(0, 20_000).Select(i => (byte)(i * 7919 >> 3))];
        Assert.Equal(file.Length / 2, Read(file, out string? note).Length);
        Assert.Null(note);
        Assert.Equal((short)(file[0] | (file[1] << 8)) / 32768f, Read(file, out _)[0]);
    }

    [Fact]
    public void ADamagedOrNamelessPipeIsOneSentence()
    {
        Assert.Contains("has none (a truncated file?)", Error(File.ReadAllBytes(Golden.Field("audio", "chunk-length-wraps.wav"))), StringComparison.Ordinal);
        using SampleStream nothing = SampleStream.FromPipe(new MemoryStream([]), "-");
        Assert.Equal((0, TimeSpan.Zero), (nothing.Read(new float[10]), nothing.Came));
        Assert.Contains("reading it failed", Assert.Throws<GemmaVkException>(() => SampleStream.FromPipe(new Closed(), "-")).Message, StringComparison.Ordinal);
    }

    private static float[] Read(byte[] file, out string? note)
    {
        using SampleStream stream = SampleStream.FromPipe(new Dripping(file), "-");
        List<float> samples = [];
        float[] block = new float[1000];
        for (int came; (came = stream.Read(block)) > 0;)
        {
            samples.AddRange(block.AsSpan(0, came));
        }

        note = stream.Note;
        return [.. samples];
    }

    private static string Error(byte[] file) => Assert.ThrowsAny<GemmaVkException>(() => Read(file, out _)).Message;

    /// <summary>A pipe gives what it has.</summary>
    private sealed class Dripping(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 777));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 777)]);
    }

    private sealed class Closed : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("The pipe is broken.");
    }
}
