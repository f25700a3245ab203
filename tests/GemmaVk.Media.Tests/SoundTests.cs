using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using FsCheck.Xunit;
using GemmaVk.Media.Audio;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

public class SoundTests
{
    private static readonly byte[] Plain = new WavBuilder { Samples = new double[50] }.Build();

    private static readonly byte[] Extensible =
        new WavBuilder { Tag = 3, Bits = 32, Channels = 3, Rate = 8_000, Extensible = true, WithNote = true, Samples = new double[60] }.Build();

    [Fact]
    public void TheGoldenSoundsAreExact()
    {
        int framed = 0;
        foreach (JsonElement entry in Golden.Json("audio.json").GetProperty("cases").EnumerateArray())
        {
            float[] samples = Sound.Read(Golden.PathOf(entry.GetProperty("file").GetString()!));
            int tokens = entry.GetProperty("tokens").GetInt32(), tolerance = entry.GetProperty("tokens_tolerance").GetInt32();
            Assert.InRange(AudioFrames.Count(samples.Length), tokens - tolerance, tokens + tolerance);
            if (entry.GetProperty("frames").GetString() is { } frames && tokens > 0)
            {
                Assert.Null(Golden.Difference<float>("audio.safetensors", frames, AudioFrames.Of(samples)));
                framed++;
            }

            if (entry.TryGetProperty("mono_mean", out JsonElement mean))
            {
                Assert.Null(Golden.Difference<float>("audio.safetensors", mean.GetString()!, samples));
            }
        }

        Assert.True(framed >= 9, $"{framed} sounds with frames");
    }

    [Fact]
    public void SamplesToTokens()
    {
        foreach (JsonElement pair in Golden.Json("audio.json").GetProperty("samples_to_tokens").EnumerateArray())
        {
            Assert.Equal(pair[1].GetInt32(), AudioFrames.Count(pair[0].GetInt32()));
        }

        foreach (JsonElement entry in Golden.Json("audio.json").GetProperty("no_truncation").EnumerateArray())
        {
            Assert.Equal(entry.GetProperty("tokens").GetInt32(), AudioFrames.Count(entry.GetProperty("samples").GetInt32()));
        }
    }

    public static TheoryData<int, int, int, bool> Formats
    {
        get
        {
            TheoryData<int, int, int, bool> formats = [];
            foreach ((int tag, int bits) in ((int, int)[])[(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)])
            {
                formats.Add(tag, bits, 1, false);
                formats.Add(tag, bits, 2, true);
                formats.Add(tag, bits, 8, true);
            }

            return formats;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void EveryFormatIsTheMeanOfItsChannels(int tag, int bits, int channels, bool extensible)
    {
        Random random = new(bits);
        double[] samples = [.. Enumerable.Range(0, 5000 * channels).Select(_ => (random.NextDouble() * 1.9) - 0.95)];
        byte[] file = new WavBuilder { Tag = tag, Bits = bits, Channels = channels, Samples = samples, Extensible = extensible, WithNote = extensible }.Build();
        float[] read = ReadAll(file);
        Assert.Equal(5000, read.Length);
        double step = tag == 3 ? 1e-6 : Math.Max(1.01 * Math.Pow(2, -bits), 1e-7);
        for (int i = 0; i < read.Length; i++)
        {
            Assert.Equal(samples.Skip(i * channels).Take(channels).Average(), read[i], step);
        }
    }

    /// <summary>A tone keeps its pitch, its level and its place; ceil(n 16000 / rate) samples come.</summary>
    [Theory]
    [InlineData(8_000)]
    [InlineData(11_025)]
    [InlineData(22_050)]
    [InlineData(44_100)]
    [InlineData(48_000)]
    [InlineData(96_000)]
    [InlineData(192_000)]
    [InlineData(15_999)]
    [InlineData(12_347)]
    public void AToneIsResampled(int rate)
    {
        const double Pitch = 997;
        int count = rate / 2;
        double[] samples = [.. Enumerable.Range(0, count).Select(i => 0.5 * Math.Sin(2 * Math.PI * Pitch * i / rate))];
        float[] read = ReadAll(new WavBuilder { Rate = rate, Tag = 3, Bits = 32, Samples = samples }.Build());
        Assert.Equal((((long)count * 16_000) + rate - 1) / rate, read.Length);

        // Away from the ends, where the silence outside shows.
        for (int i = 200; i < read.Length - 200; i++)
        {
            Assert.Equal(0.5 * Math.Sin(2 * Math.PI * Pitch * i / 16_000), read[i], 1e-4);
        }
    }

    [Theory]
    [InlineData(44_100, 9_000)]
    [InlineData(48_000, 15_000)]
    [InlineData(192_000, 70_000)]
    public void WhatTheModelsRateCannotHoldIsGone(int rate, double pitch)
    {
        double[] samples = [.. Enumerable.Range(0, rate / 4).Select(i => Math.Sin(2 * Math.PI * pitch * i / rate))];
        float[] read = ReadAll(new WavBuilder { Rate = rate, Tag = 3, Bits = 32, Samples = samples }.Build());
        Assert.All(read[200..^200], sample => Assert.InRange(sample, -1e-4f, 1e-4f));
    }

    [Fact]
    public void BlocksOfAnySizeGiveTheSameSamples()
    {
        Random random = new(3);
        byte[] file = new WavBuilder { Rate = 22_050, Channels = 2, Samples = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextDouble() - 0.5)] }.Build();
        float[] whole = ReadAll(file);
        foreach (int block in (int[])[1, 7, 640, 5000])
        {
            Assert.Equal(whole, ReadAll(file, block));
        }
    }

    [Fact]
    public void APipeIsAWavFileOrBareSamples()
    {
        byte[] file = new WavBuilder { Samples = [0.5, -0.25, 0.125], DataLength = uint.MaxValue }.Build();
        Assert.Equal([0.5f, -0.25f, 0.125f], ReadAll(file));
        using SampleStream bare = SampleStream.FromPipe(new MemoryStream(file[44..]), "-");
        float[] samples = new float[10];
        Assert.Equal(3, bare.Read(samples));
        Assert.Equal([0.5f, -0.25f, 0.125f], samples[..3]);
        Assert.Equal(0, bare.Read(samples));
        using SampleStream none = SampleStream.FromPipe(new MemoryStream([]), "-");
        Assert.Equal(0, none.Read(samples));
    }

    [Fact]
    public void AnEmptySoundIsNoError()
    {
        using TemporaryFolder folder = new();
        Assert.Empty(Sound.Read(folder.Write("a.wav", new WavBuilder().Build())));
        Assert.Empty(Sound.Read(folder.Write("b.wav", new WavBuilder { Rate = 44_100 }.Build())));
    }

    /// <summary>A file and words the error must have.</summary>
    public static TheoryData<byte[], string> BadFiles => new()
    {
        { new WavBuilder { Channels = 9, Samples = new double[9] }.Build(), "but has 9 at 16,000 Hz" },
        { new WavBuilder { Channels = 0 }.Build(), "but has 0 at 16,000 Hz" },
        { new WavBuilder { Rate = 7_999 }.Build(), "8,000 to 192,000 Hz" },
        { new WavBuilder { Rate = 4_000_000_000 }.Build(), "8,000 to 192,000 Hz" },
        { new WavBuilder { Bits = 12 }.Build(), "integers of 12 bits" },
        { new WavBuilder { Tag = 3, Bits = 16 }.Build(), "floats of 16 bits" },
        { new WavBuilder { FrameBytes = 3 }.Build(), "frames of 3" },
        { new WavBuilder { Tag = 3, Bits = 32, Samples = [0, double.NaN] }.Build(), "finite samples" },
        { new WavBuilder { Tag = 3, Bits = 64, Samples = [0, double.PositiveInfinity] }.Build(), "finite samples" },
        { new WavBuilder { Samples = [1] }.Build()[..40], "none (a truncated file?)" },
        { new WavBuilder { Samples = [1] }.Build()[..12], "none (a truncated file?)" },
        { [.. "RIFF\0\0\0\0WAVEdata\0\0\0\0"u8], "a chunk \"fmt \" before" },
        { [.. "RIFF\0\0\0\0WAVEfmt \u0004\0\0\0aaaa"u8], "16 to 1024 bytes" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void ABadFileIsOneSentence(byte[] file, string words)
    {
        using TemporaryFolder folder = new();
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Sound.Read(folder.Write("a.wav", file)));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains(folder["a.wav"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALongSoundIsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.wav", new WavBuilder { Samples = new double[40_000] }.Build());
        Assert.Contains("at most 00:00:02 long", Assert.Throws<GemmaVkException>(() => Sound.Read(path, new MediaLimits { Duration = TimeSpan.FromSeconds(2) })).Message, StringComparison.Ordinal);
        Assert.Equal(40_000, Sound.Read(path, new MediaLimits { Duration = TimeSpan.FromSeconds(2.5) }).Length);
    }

    [Fact]
    public void AFileThatChangesWhileItIsReadIsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.wav", new WavBuilder { Samples = new double[40_000] }.Build());
        using SampleStream stream = SampleStream.Open(path);
        float[] block = new float[4000];
        stream.Read(block);
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(20_000);
        }

        Assert.Contains("it changed", Assert.Throws<GemmaVkException>(() => { while (stream.Read(block) > 0) { } }).Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 1000)]
    public void MutatedFilesAreReadOrFailInOneSentence(HeaderDamages damages, bool extensible)
    {
        byte[] bytes = Mutation.Apply(extensible ? Extensible : Plain, damages.List);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            // 192 kHz to 8 kHz: at most two samples come of each byte, unless the damage names a codec that ffmpeg has.
            bool own = WavCodec.IsOwn(new PrefixedStream(new MemoryStream(bytes), CancellationToken.None));
            Assert.InRange(ReadAll(bytes).Length, 0, (own ? 2 : 1000) * bytes.Length);
        }
        catch (GemmaVkException error)
        {
            Assert.Contains("a.wav", error.Message, StringComparison.Ordinal);
        }

        // The weights of a resampler between any two rates take at most 27 MB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32_000_000);
    }

    private static float[] ReadAll(byte[] file, int block = 1000)
    {
        using SampleStream stream = SampleStream.FromPipe(new MemoryStream(file), "a.wav");
        List<float> samples = [];
        float[] buffer = new float[block];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            samples.AddRange(buffer.AsSpan(0, count));
        }

        return [.. samples];
    }
}
