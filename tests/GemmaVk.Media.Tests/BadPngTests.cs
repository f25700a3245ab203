using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Media.Png;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

public class BadPngTests
{
    private static readonly byte[] Good = new PngBuilder { Width = 8, Height = 6, Samples = [.. Enumerable.Range(0, 144)], PartBytes = 40 }.Build();

    private static readonly byte[][] Originals =
    [
        Good,
        new PngBuilder { Width = 9, Height = 9, Depth = 2, Color = 3, Interlace = 1, Palette = new byte[12], Samples = [.. Enumerable.Range(0, 81).Select(i => i % 4)] }.Build(),
        new PngBuilder { Width = 5, Height = 7, Depth = 16, Color = 6, Exif = PngTests.Exif(6, big: true), Samples = [.. Enumerable.Range(0, 140).Select(i => i * 400)] }.Build(),
        new PngBuilder { Width = 20, Height = 3, Depth = 1, Color = 0, Transparency = [0, 1], Samples = [.. Enumerable.Range(0, 60).Select(i => i % 2)] }.Build(),
    ];

    /// <summary>A file and words the error must have.</summary>
    public static TheoryData<byte[], string> BadFiles => new()
    {
        { Good[..^1], "truncated" },
        { Good[..^12], "IEND" },
        { Good[..60], "truncated" },
        { Good[..20], "truncated" },
        { Good[..8], "truncated" },
        { Changed(29, 0x55), "check value" },
        { Changed(45, 0x55), "check value" },
        { Changed(11, 99), "check value" },
        { Changed(8, 0xFF), "truncated" },
        { new PngBuilder { Width = 0, Samples = [1, 2, 3] }.Build(), "0 x 1" },
        { new PngBuilder { Width = 0x8000_0000, Rows = [0] }.Build(), "2147483648 x 1" },
        { new PngBuilder { Width = 50_000, Height = 50_000, Rows = [0] }.Build(), "50,000 x 50,000" },
        { new PngBuilder { Width = 2_000_000, Height = 1, Rows = [0] }.Build(), "100,000 a side" },
        { new PngBuilder { Width = 11_000, Height = 11_000, Rows = [0] }.Build(), "before the last row" },
        { new PngBuilder { Width = 4, Height = 4, Rows = new byte[50] }.Build(), "before the last row" },
        { new PngBuilder { Width = 1, Rows = [5, 1, 2, 3] }.Build(), "filter 5" },
        { new PngBuilder { Color = 5, Rows = [0, 0] }.Build(), "colour type 5" },
        { new PngBuilder { Color = 2, Depth = 4, Rows = [0, 0] }.Build(), "with 4 bits" },
        { new PngBuilder { Interlace = 2, Rows = [0, 0] }.Build(), "interlacing 2" },
        { new PngBuilder { Color = 3, Rows = [0, 0] }.Build(), "palette has 0 bytes" },
        { new PngBuilder { Color = 3, Palette = new byte[4], Rows = [0, 0] }.Build(), "palette has 4 bytes" },
        { new PngBuilder { Color = 3, Depth = 1, Palette = new byte[9], Rows = [0, 0] }.Build(), "palette has 9 bytes" },
        { new PngBuilder { Color = 3, Palette = new byte[6], Rows = [0, 7] }.Build(), "colour 7 of a palette of 2" },
        { WithChunk("ABCD", 33), "must be understood" },
        { WithChunk("\u001b[2J", 33), "" },
        { WithChunk("IHDR", 33), "first chunk" },
        { WithChunk("PLTE", Good.Length - 12), "after the data" },
        { WithChunk("IDAT", 33), "zlib" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void ABadFileIsOneSentence(byte[] file, string words)
    {
        if (words.Length == 0)
        {
            // A chunk with a strange name that need not be understood.
            Assert.Equal(8, PngTests.Read(file).Width);
            return;
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => PngTests.Read(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("a.png", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OnePixelIsAPicture()
    {
        Picture picture = PngTests.Read(new PngBuilder { Samples = [7, 8, 9] }.Build());
        Assert.Equal([7, 8, 9], picture.Rgb);
        Assert.Equal((768, 768), (BicubicResize.ToBudget(picture, 280).Height, BicubicResize.ToBudget(picture, 280).Width));
    }

    // A gigabyte of zeros behind the few bytes of a row: as much is inflated as the rows need.
    [Fact]
    public void ABombIsNotInflated()
    {
        byte[] rows = new byte[200_000_000];
        byte[] bomb = new PngBuilder { Width = 4, Height = 2, Rows = rows }.Build();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(new byte[24], PngTests.Read(bomb).Rgb);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);
    }

    [Property(MaxTest = 3000)]
    public void MutatedFilesAreReadOrFailInOneSentence(Damages damages, bool mend, Seed seed)
    {
        byte[] bytes = damages.Apply(seed.Pick(Originals));
        if (mend)
        {
            MendCheckValues(bytes);
        }

        // Sides may have become large: what is allocated stays below what the compressed bytes can hold.
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            PngReader.Read(bytes, "a.png", MediaLimits.Default, default);
        }
        catch (GemmaVkException error)
        {
            Assert.Contains("a.png", error.Message, StringComparison.Ordinal);
        }

        // A bit of compressed data makes at most 1032 / 8 bytes, a pixel of one bit three: 25 times 1032.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000 + (26L * 1032 * bytes.Length));
    }

    // Makes the check values right again, so that what is behind them is reached.
    private static void MendCheckValues(byte[] file)
    {
        for (int at = 8; at + 12 <= file.Length;)
        {
            int length = (file[at] << 24) | (file[at + 1] << 16) | (file[at + 2] << 8) | file[at + 3];
            if (length < 0 || length > file.Length - at - 12)
            {
                return;
            }

            uint crc = Crc32.Of(file.AsSpan(at + 4, length + 4));
            (file[at + 8 + length], file[at + 9 + length], file[at + 10 + length], file[at + 11 + length]) = ((byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc);
            at += length + 12;
        }
    }

    private static byte[] Changed(int at, byte value)
    {
        byte[] file = [.. Good];
        file[at] = value;
        return file;
    }

    private static byte[] WithChunk(string name, int at)
    {
        using MemoryStream file = new();
        file.Write(Good.AsSpan(0, at));
        PngBuilder.Chunk(file, name, [1, 2, 3]);
        file.Write(Good.AsSpan(at));
        return file.ToArray();
    }
}
