using System;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

public class VideoSamplingTests
{
    [Fact]
    public void IndicesAndStampsAreThePublishedOnes()
    {
        int exact = 0, all = 0;
        foreach (JsonElement entry in Golden.Json("video.json").GetProperty("sampling").EnumerateArray())
        {
            long total = entry.GetProperty("total_frames").GetInt64();
            double fps = entry.GetProperty("fps").ValueKind == JsonValueKind.Null ? VideoSampling.UnknownFramesPerSecond : entry.GetProperty("fps").GetDouble();
            int asked = entry.GetProperty("num_frames").GetInt32();
            int count = VideoSampling.Count(total, fps, new VideoOptions { Frames = asked });
            long[] indices = VideoSampling.Indices(total, count);
            if (entry.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String)
            {
                // The published processor raises; here a short clip gives all its frames.
                Assert.True(total < asked);
                Assert.Equal(Enumerable.Range(0, (int)total).Select(i => (long)i), indices);
                all++;
                continue;
            }

            Assert.Equal(entry.GetProperty("indices").EnumerateArray().Select(index => index.GetInt64()), indices);
            Assert.Equal(entry.GetProperty("timestamps").EnumerateArray().Select(stamp => stamp.GetString()), indices.Select(index => VideoSampling.Stamp(index / fps)));
            exact++;
        }

        Assert.Equal(259, exact + all);
        Assert.True(exact > 150, $"{exact} compared");
    }

    [Fact]
    public void Stamps()
    {
        foreach (JsonElement pair in Golden.Json("video.json").GetProperty("timestamps_of_seconds").EnumerateArray())
        {
            Assert.Equal(pair[1].GetString(), VideoSampling.Stamp(pair[0].GetDouble()));
        }
    }

    [Theory]
    [InlineData(240, 24, 1, 10)]
    [InlineData(239, 24, 1, 9)]
    [InlineData(5, 24, 1, 1)]
    [InlineData(5, 24, 100, 5)]
    [InlineData(60, 30, 2.5, 5)]
    public void FramesPerSecond(long total, double fps, double asked, int count) =>
        Assert.Equal(count, VideoSampling.Count(total, fps, new VideoOptions { FramesPerSecond = asked, Frames = -3 }));

    [Theory]
    [InlineData(0, null)]
    [InlineData(3361, null)]
    [InlineData(32, 0.0)]
    [InlineData(32, -1.0)]
    [InlineData(32, double.NaN)]
    [InlineData(32, 29.0)]
    public void WhatIsNoNumberOfFramesIsRefused(int frames, double? rate)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => VideoSampling.Count(100_000, 24, new VideoOptions { Frames = frames, FramesPerSecond = rate }));
        Assert.Contains(rate is null ? "--video-frames" : "--video-fps", error.Message, StringComparison.Ordinal);
    }
}
