using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FsCheck.Xunit;
using GemmaVk.Media.Resizing;
using Xunit;

namespace GemmaVk.Media.Tests;

public class BicubicResizeTests
{
    /// <summary>The rungs this processor has.</summary>
    public static TheoryData<string> Rungs => [.. Here.Select(rung => rung.ToString())];

    private static IEnumerable<VectorRung> Here => Enum.GetValues<VectorRung>().Where(rung => rung <= BicubicResize.Best);

    [Theory]
    [MemberData(nameof(Rungs))]
    public void FramesOfTheGoldenClipsAreExact(string rung)
    {
        foreach (JsonElement clip in Golden.Json("video.json").GetProperty("clips").EnumerateArray())
        {
            int height = clip.GetProperty("height").GetInt32(), width = clip.GetProperty("width").GetInt32();
            (int toHeight, int toWidth, int tokens) = ImageSizing.Target(height, width, ImageSizing.FrameBudget);
            Assert.Equal(clip.GetProperty("num_soft_tokens_per_frame").GetInt32(), tokens);
            byte[] frames = Golden.Read<byte>("video.safetensors", clip.GetProperty("frames").GetString()!);
            foreach (JsonProperty resized in clip.GetProperty("resized").EnumerateObject())
            {
                int frame = height * width * 3;
                byte[] source = frames.AsSpan(int.Parse(resized.Name) * frame, frame).ToArray();
                byte[] target = Run(source, height, width, toHeight, toWidth, Enum.Parse<VectorRung>(rung));
                Assert.Null(Golden.Difference<byte>("video.safetensors", resized.Value.GetString()!, target));
            }
        }
    }

    // The plain loops are compared with a second writing of the golden folder's four steps, whole picture between the axes and all.
    [Fact]
    public void ThePlainLoopsAreTheFourSteps()
    {
        foreach ((int height, int width, int toHeight, int toWidth) in Sizes())
        {
            byte[] source = Noise(height, width);
            Assert.Equal(FourSteps(source, height, width, toHeight, toWidth), Run(source, height, width, toHeight, toWidth, VectorRung.Scalar));
        }
    }

    [Theory]
    [MemberData(nameof(Rungs))]
    public void EveryRungIsThePlainLoops(string rung)
    {
        foreach ((int height, int width, int toHeight, int toWidth) in Sizes())
        {
            byte[] source = Noise(height, width);
            byte[] expected = Run(source, height, width, toHeight, toWidth, VectorRung.Scalar);
            Assert.Equal(expected, Run(source, height, width, toHeight, toWidth, Enum.Parse<VectorRung>(rung)));
        }
    }

    [Property(MaxTest = 300)]
    public void AnySizesGiveThePlainLoops(SidesToResize sizes)
    {
        byte[] source = Noise(sizes.Height, sizes.Width);
        byte[] expected = Run(source, sizes.Height, sizes.Width, sizes.ToHeight, sizes.ToWidth, VectorRung.Scalar);
        foreach (VectorRung rung in Here)
        {
            Assert.Equal(expected, Run(source, sizes.Height, sizes.Width, sizes.ToHeight, sizes.ToWidth, rung));
        }
    }

    [Fact]
    public void TwoThreadsGiveTheBytesOfOne()
    {
        byte[] source = Noise(1201, 1103);
        byte[] one = new byte[480 * 432 * 3], two = new byte[one.Length];
        new BicubicResize(1201, 1103, 480, 432, threads: 1).Run(source, one);
        new BicubicResize(1201, 1103, 480, 432, threads: 2).Run(source, two);
        Assert.Equal(one, two);
    }

    [Fact]
    public void AnInstanceServesPictureAfterPicture()
    {
        BicubicResize resize = new(50, 70, 96, 48);
        byte[] target = new byte[96 * 48 * 3];
        foreach (int seed in (int[])[1, 2])
        {
            byte[] source = Noise(50, 70, seed);
            resize.Run(source, target);
            Assert.Equal(Run(source, 50, 70, 96, 48, VectorRung.Scalar), target);
        }
    }

    [Fact]
    public void APictureOfTheRightSizeStaysAsItIs()
    {
        Picture picture = new(48, 96, Noise(48, 96));
        Assert.Same(picture, BicubicResize.Resize(picture, 48, 96));
    }

    [Fact]
    public void NothingGrowsWithThePictureBesidesTheTarget()
    {
        Picture picture = new(2000, 3000, Noise(2000, 3000));
        BicubicResize.Resize(picture, 624, 960);
        long before = GC.GetAllocatedBytesForCurrentThread();
        BicubicResize.Resize(picture, 624, 960);
        long beside = GC.GetAllocatedBytesForCurrentThread() - before - (624 * 960 * 3);

        // Rings of some 20 rows, weights of two axes; a whole picture between the axes would be 5.8 million.
        Assert.InRange(beside, 0, 400_000);
    }

    private static IEnumerable<(int, int, int, int)> Sizes() =>
    [
        (1, 1, 48, 48), (1, 1, 1, 1), (1, 500, 48, 96), (500, 1, 96, 48), (5, 7, 336, 432), (48, 48, 48, 96), (48, 48, 96, 48), (97, 131, 48, 48),
        (3, 2000, 48, 1920), (2000, 3, 1920, 48), (1023, 769, 336, 432), (311, 313, 48, 48), (64, 64, 63, 65), (4, 5, 3, 2), (1000, 33, 10, 33), (33, 1000, 33, 10),
    ];

    private static byte[] Run(byte[] source, int height, int width, int toHeight, int toWidth, VectorRung rung)
    {
        byte[] target = new byte[toHeight * toWidth * 3];
        new BicubicResize(height, width, toHeight, toWidth, 1, rung).Run(source, target);
        return target;
    }

    private static byte[] Noise(int height, int width, int seed = 7)
    {
        // Extremes are frequent, so that overshoot is clamped between the axes.
        byte[] bytes = new byte[height * width * 3];
        Random random = new(seed);
        random.NextBytes(bytes);
        for (int i = 0; i < bytes.Length; i += 2)
        {
            bytes[i] = (byte)(bytes[i] < 128 ? 0 : 255);
        }

        return bytes;
    }

    private static byte[] FourSteps(byte[] source, int height, int width, int toHeight, int toWidth)
    {
        byte[] between = width == toWidth ? source : Axis(source, height, width, toWidth, (row, x) => ((row * width) + x) * 3, (row, i) => ((row * toWidth) + i) * 3);
        return height == toHeight ? between : Axis(between, toWidth, height, toHeight, (column, y) => ((y * toWidth) + column) * 3, (column, i) => ((i * toWidth) + column) * 3);
    }

    private static byte[] Axis(byte[] source, int lines, int from, int to, Func<int, int, int> sourceAt, Func<int, int, int> targetAt)
    {
        double scale = (double)from / to, support = 2 * Math.Max(scale, 1), inverse = 1 / Math.Max(scale, 1);
        List<(int First, double[] Weights)> taps = [];
        double largest = 0;
        for (int i = 0; i < to; i++)
        {
            double c = scale * (i + 0.5);
            int first = Math.Max((int)Math.Truncate(c - support + 0.5), 0);
            double[] weights = new double[Math.Min((int)Math.Truncate(c + support + 0.5), from) - first];
            double sum = 0;
            for (int j = 0; j < weights.Length; j++)
            {
                double x = Math.Abs((j + first - c + 0.5) * inverse), a = -0.5;
                weights[j] = x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1 : x < 2 ? ((((((x - 5) * x) + 8) * x) - 4) * a) : 0;
                sum += weights[j];
            }

            for (int j = 0; j < weights.Length; j++)
            {
                weights[j] /= sum;
                largest = Math.Max(largest, weights[j]);
            }

            taps.Add((first, weights));
        }

        int bits = 0;
        while (bits < 22 && Math.Truncate(0.5 + (largest * Math.Pow(2, bits + 1))) < 32768)
        {
            bits++;
        }

        byte[] target = new byte[lines * to * 3];
        for (int line = 0; line < lines; line++)
        {
            for (int i = 0; i < to; i++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    long sum = 1L << (bits - 1);
                    for (int j = 0; j < taps[i].Weights.Length; j++)
                    {
                        double scaled = taps[i].Weights[j] * Math.Pow(2, bits);
                        sum += source[sourceAt(line, taps[i].First + j) + channel] * (long)Math.Truncate(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
                    }

                    target[targetAt(line, i) + channel] = (byte)Math.Clamp(sum >> bits, 0, 255);
                }
            }
        }

        return target;
    }
}
