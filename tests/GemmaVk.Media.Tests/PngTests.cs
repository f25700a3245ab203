using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using GemmaVk.Media.Png;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

public class PngTests
{
    [Fact]
    public void TheGoldenPicturesAreExactFromFileToPatches()
    {
        int compared = 0;
        foreach (JsonElement entry in Golden.Json("images.json").GetProperty("cases").EnumerateArray())
        {
            string name = entry.GetProperty("case").GetString()!;
            Picture picture = PictureFile.Read(Golden.PathOf(entry.GetProperty("file").GetString()!));
            Assert.Equal((entry.GetProperty("source_height").GetInt32(), entry.GetProperty("source_width").GetInt32()), (picture.Height, picture.Width));
            int budget = entry.GetProperty("budget").GetInt32();
            (int height, int width, int tokens) = ImageSizing.Target(picture.Height, picture.Width, budget);
            Assert.Equal(entry.GetProperty("num_soft_tokens").GetInt32(), tokens);
            Assert.Null(Golden.Difference<int>("images.safetensors", entry.GetProperty("position_ids").GetString()!, Patches.Positions(height, width)));

            // 16-bit grey is the one rule where this project differs from the published code, which clips it to white.
            if (entry.GetProperty("png_mode").GetString() == "I;16")
            {
                continue;
            }

            if (entry.GetProperty("rgb_after_conversion").GetString() is { } converted)
            {
                Assert.Null(Golden.Difference<byte>("images.safetensors", converted, picture.Rgb));
            }

            Picture resized = BicubicResize.ToBudget(picture, budget);
            Assert.Null(Golden.Difference<byte>("images.safetensors", entry.GetProperty("resized").GetString()!, resized.Rgb));
            if (entry.GetProperty("pixel_values").GetString() is { } values)
            {
                Assert.Null(Golden.Difference<float>("images.safetensors", values, Patches.OfPicture(resized)));
            }

            compared++;
            Assert.True(name.Length > 0);
        }

        Assert.Equal(21, compared);
    }

    [Fact]
    public void AFramesPatchDividesWhereAPicturesMultiplies()
    {
        byte[] levels = new byte[48 * 48 * 3];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = (byte)i;
        }

        Picture picture = new(48, 48, levels);
        int[] differing = [.. Patches.OfPicture(picture).Zip(Patches.OfFrame(picture)).Take(256).Select((pair, level) => pair.First != pair.Second ? level : -1).Where(level => level >= 0)];
        Assert.Equal(Golden.Json("images.json").GetProperty("levels_where_times_1_255_differs_from_divide_by_255").EnumerateArray().Select(level => level.GetInt32()), differing);
        Assert.All(Enumerable.Range(0, 256), level => Assert.Equal(level / 255f, Patches.OfFrame(picture)[level]));
    }

    [Property(MaxTest = 600)]
    public void EveryKindOfPngGivesItsPixels(PngKind kind) =>
        CheckKind(kind.Color, kind.Depth, kind.Interlaced, kind.Transparent, kind.Width, kind.Height);

    [Fact]
    public void AlphaOnWhiteIsTheFormulaForAllPairs()
    {
        for (int level = 0; level < 256; level++)
        {
            for (int alpha = 0; alpha < 256; alpha++)
            {
                Assert.Equal((byte)Math.Floor((((255.0 * (255 - alpha)) + (level * alpha)) / 255) + 0.5), PngColors.OnWhite(level, alpha));
            }
        }
    }

    [Fact]
    public void TheOrientationOfAnExifChunkIsApplied()
    {
        // 2 rows of 3: a b c / d e f, as each of the eight values shows it.
        int[] stored = [.. "abcdef".SelectMany(letter => new int[] { letter, letter, letter })];
        string[] seen = ["abc def", "cba fed", "fed cba", "def abc", "ad be cf", "da eb fc", "fc eb da", "cf be ad"];
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            foreach (bool big in (bool[])[false, true])
            {
                Picture picture = Read(new PngBuilder { Width = 3, Height = 2, Samples = stored, Exif = Exif(orientation, big) }.Build());
                string[] rows = [.. Enumerable.Range(0, picture.Height).Select(y => string.Concat(Enumerable.Range(0, picture.Width).Select(x => (char)picture.Rgb[((y * picture.Width) + x) * 3])))];
                Assert.Equal(seen[orientation - 1], string.Join(' ', rows));
            }
        }
    }

    [Fact]
    public void WhatIsWrittenIsReadAgain()
    {
        using TemporaryFolder folder = new();
        byte[] rgb = new byte[31 * 17 * 3];
        new Random(1).NextBytes(rgb);
        using (FileStream file = File.Create(folder["a.png"]))
        {
            PngWriter.Write(new Picture(17, 31, rgb), file);
        }

        Assert.Equal(rgb, PictureFile.Read(folder["a.png"]).Rgb);
    }

    /// <summary>An animation's default picture counts; frames behind it are not read.</summary>
    [Fact]
    public void AnAnimationIsItsDefaultPicture()
    {
        byte[] still = new PngBuilder { Width = 2, Height = 1, Samples = [1, 2, 3, 4, 5, 6] }.Build();
        using MemoryStream animated = new();
        animated.Write(still.AsSpan(0, 33));
        PngBuilder.Chunk(animated, "acTL", [0, 0, 0, 2, 0, 0, 0, 0]);
        animated.Write(still.AsSpan(33, still.Length - 33 - 12));
        PngBuilder.Chunk(animated, "fdAT", [0, 0, 0, 1, 9, 9, 9]);
        PngBuilder.Chunk(animated, "IEND", []);
        Assert.Equal([1, 2, 3, 4, 5, 6], Read(animated.ToArray()).Rgb);
    }

    internal static byte[] Exif(int orientation, bool big)
    {
        byte[] little = [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 2, 0, 0x0F, 1, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
        byte[] bigger = [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 2, 1, 0x0F, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        return big ? bigger : little;
    }

    internal static Picture Read(byte[] file) => PngReader.Read(file, "a.png", MediaLimits.Default, default);

    private static void CheckKind(int color, int depth, bool interlaced, bool transparent, int width, int height)
    {
        Random random = new((width * 100) + height);
        int most = (1 << depth) - 1;
        int colors = Math.Min(most + 1, 200);
        byte[] palette = new byte[colors * 3], alphas = new byte[Math.Max(colors / 2, 1)];
        random.NextBytes(palette);
        random.NextBytes(alphas);
        PngBuilder png = new() { Width = (uint)width, Height = (uint)height, Depth = depth, Color = color };
        int[] samples = [.. Enumerable.Range(0, width * height * png.Channels).Select(_ => random.Next(color == 3 ? colors : most + 1))];

        // The first pixel's colour is the transparent one.
        byte[]? transparency = !transparent || color is 4 or 6 ? null
            : color == 3 ? alphas
            : [.. samples.Take(png.Channels).SelectMany(sample => new[] { (byte)(sample >> 8), (byte)sample })];
        png = new PngBuilder
        {
            Width = (uint)width,
            Height = (uint)height,
            Depth = depth,
            Color = color,
            Interlace = interlaced ? 1 : 0,
            Samples = samples,
            Palette = color == 3 ? palette : null,
            Transparency = transparency,
            PartBytes = random.Next(1, 50),
            Seed = random.Next(),
        };
        byte[] expected = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
        {
            int[] pixel = samples[(i * png.Channels)..((i + 1) * png.Channels)];
            int alpha = color switch
            {
                3 => transparency is not null && pixel[0] < alphas.Length ? alphas[pixel[0]] : 255,
                4 or 6 => depth == 16 ? pixel[^1] >> 8 : pixel[^1],
                _ => transparency is not null && pixel.SequenceEqual(samples[..png.Channels]) ? 0 : 255,
            };
            for (int channel = 0; channel < 3; channel++)
            {
                int sample = pixel[color is 2 or 6 ? channel : 0];
                int level = color == 3 ? palette[(sample * 3) + channel] : depth == 16 ? sample >> 8 : sample * 255 / most;
                expected[(i * 3) + channel] = (byte)Math.Floor((((255.0 * (255 - alpha)) + (level * alpha)) / 255) + 0.5);
            }
        }

        Assert.Equal(expected, Read(png.Build()).Rgb);
    }
}
