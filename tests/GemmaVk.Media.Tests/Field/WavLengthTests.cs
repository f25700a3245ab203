using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>WAV files whose header gives another length than the file has, from files and from pipes.</summary>
public class WavLengthTests
{
    private static readonly double[] Samples = [.. Enumerable.Range(0, 1000).Select(i => Math.Sin(i / 5.0) / 2)];

    [Theory]
    [InlineData("stream-0.wav", 18640, "gives 0 bytes of samples, but 37,280 are there: they were read to the end")]
    [InlineData("data-one-more.wav", 18640, "gives 37,281 bytes of samples, but 37,280 are there")]
    [InlineData("trunc.wav", 17640, "gives 37,280 bytes of samples, but 35,280 are there: 0.063 s are missing")]
    [InlineData("zero.wav", 0, null)]
    public void TheSoundsOfTheField(string name, int samples, string? note)
    {
        foreach (bool pipe in (bool[])[false, true])
        {
            Assert.Equal(samples, Read(File.ReadAllBytes(Golden.Field("audio", name)), pipe, out string? said).Length);
            Assert.Equal(note is null, said is null);
            Assert.Contains(note ?? "", said ?? "", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0u, false, "gives 0 bytes")]
    [InlineData(0u, true, "gives 0 bytes")]
    [InlineData(0xFFFF_FFFF, false, "gives 4,294,967,295 bytes of samples, but 2,000 are there: they were read to the end")]
    [InlineData(0xFFFF_FFFF, true, null)]
    [InlineData(0x7FFF_FFFF, true, null)]
    [InlineData(0x7FFF_0000, false, "but 2,000 are there")]
    [InlineData(2001u, false, "gives 2,001 bytes")]
    [InlineData(2001u, true, "gives 2,001 bytes")]
    [InlineData(1_000_000u, true, "but 2,000 are there: 31.188 s are missing")]
    [InlineData(2000u, false, null)]
    [InlineData(2000u, true, null)]
    public void WhatIsThereIsReadToTheEnd(uint length, bool pipe, string? note)
    {
        byte[] file = new WavBuilder { Samples = Samples, DataLength = length }.Build();
        Assert.Equal(1000, Read(file, pipe, out string? said).Length);
        Assert.Equal(note is null, said is null);
        Assert.Contains(note ?? "", said ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void OddLengthsAndWhatIsBehindTheSamples()
    {
        byte[] odd = new WavBuilder { Samples = [.. Samples, 0.5], Bits = 8 }.Build();
        foreach (bool pipe in (bool[])[false, true])
        {
            // Chunks behind the samples are not samples, whatever length those have.
            Assert.Equal(1001, Read([.. odd, 0, .. "LIST"u8, 4, 0, 0, 0, 1, 2, 3, 4], pipe, out string? note).Length);
            Assert.Null(note);
            Assert.Empty(Read([.. new WavBuilder().Build(), .. "LIST"u8, 4, 0, 0, 0, 1, 2, 3, 4], pipe, out note));
            Assert.Null(note);

            // Chunks in front: of an odd length with the byte that belongs behind it, and without.
            byte[] plain = new WavBuilder { Samples = Samples }.Build();
            Assert.Equal(1000, Read([.. plain[..12], .. "note"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. plain[12..]], pipe, out _).Length);
            Assert.Equal(1000, Read([.. plain[..12], .. "note"u8, 3, 0, 0, 0, 1, 2, 3, .. plain[12..]], pipe, out _).Length);

            // Half a frame at the end is none.
            Assert.Equal(1000, Read([.. new WavBuilder { Samples = Samples, DataLength = 0 }.Build(), 7], pipe, out _).Length);
        }
    }

    [Fact]
    public void SixtyFourBits()
    {
        byte[] plain = new WavBuilder { Samples = Samples, DataLength = uint.MaxValue }.Build();
        foreach ((long said, bool noted) in ((long, bool)[])[(2000, false), (3000, true), (0, true)])
        {
            byte[] file = [.. "RF64"u8, 255, 255, 255, 255, .. "WAVEds64"u8, 28, 0, 0, 0, .. new byte[8], .. BitConverter.GetBytes(said), .. new byte[12], .. plain[12..]];
            Assert.Equal(1000, Read(file, false, out string? note).Length);
            Assert.Equal(noted, note is not null);
            Assert.Equal(1000, Read([.. "BW64"u8, .. file[4..]], true, out _).Length);
        }
    }

    [Fact]
    public void AChunkThatReachesBeyondTheEndIsRefused()
    {
        string path = Golden.Field("audio", "chunk-length-wraps.wav");
        Assert.Contains("one \"JUNK\" of 4,294,967,295", Assert.Throws<GemmaVkException>(() => Sound.Read(path)).Message, StringComparison.Ordinal);
    }

    private static float[] Read(byte[] file, bool pipe, out string? note)
    {
        using TemporaryFolder folder = new();
        if (!pipe)
        {
            return Sound.Read(folder.Write("a.wav", file), out note);
        }

        using SampleStream stream = SampleStream.FromPipe(new MemoryStream(file), "-");
        List<float> samples = [];
        float[] block = new float[300];
        for (int came; (came = stream.Read(block)) > 0;)
        {
            samples.AddRange(block.AsSpan(0, came));
        }

        note = stream.Note;
        return [.. samples];
    }
}
