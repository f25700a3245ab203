using System;
using System.Linq;
using System.Text.Json;
using FsCheck.Xunit;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

public class ImageSizingTests
{
    [Fact]
    public void EverySizeIsThePublishedOne()
    {
        int rows = 0;
        foreach (JsonElement row in Golden.Json("sizes.json").GetProperty("rows").EnumerateArray())
        {
            int[] n = [.. row.EnumerateArray().Take(6).Select(value => value.ValueKind == JsonValueKind.Null ? 0 : value.GetInt32())];
            if (row[6].ValueKind == JsonValueKind.Null)
            {
                Assert.Equal((n[3], n[4], n[5]), ImageSizing.Target(n[0], n[1], n[2]));
            }
            else
            {
                Assert.Throws<GemmaVkException>(() => ImageSizing.Target(n[0], n[1], n[2]));
            }

            rows++;
        }

        Assert.Equal(2156, rows);
    }

    [Fact]
    public void ABudgetTheModelDoesNotKnowIsRefused()
    {
        foreach (JsonElement entry in Golden.Json("sizes.json").GetProperty("unsupported_budgets").EnumerateArray())
        {
            int budget = entry.GetProperty("budget").GetInt32();
            Assert.Contains($"but is {budget}", Assert.Throws<GemmaVkException>(() => ImageSizing.Target(10, 10, budget)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    [InlineData(-1, 5)]
    public void ASideOfZeroIsRefused(int height, int width) =>
        Assert.Contains("at least 1 x 1", Assert.Throws<GemmaVkException>(() => ImageSizing.Target(height, width, 280)).Message, StringComparison.Ordinal);

    [Property(MaxTest = 2000)]
    public void TheBudgetIsNeverExceededAndTheSidesAreWholePatches(PictureSize size, Seed seed)
    {
        int budget = seed.Pick(ImageSizing.Budgets.ToArray());
        (int height, int width, int tokens) = ImageSizing.Target(size.Height, size.Width, budget);
        Assert.Equal(0, height % 48);
        Assert.Equal(0, width % 48);
        Assert.Equal(tokens, height / 48 * (width / 48));
        Assert.InRange(tokens, 1, budget);
    }
}
