using System;
using System.Linq;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
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

    [Fact]
    public void TheBudgetIsNeverExceededAndTheSidesAreWholePatches()
    {
        Gen<(int, int, int)> sizes =
            from height in Gen.OneOf(Gen.Choose(1, 100), Gen.Choose(1, 100_000))
            from width in Gen.OneOf(Gen.Choose(1, 100), Gen.Choose(1, 100_000))
            from budget in Gen.Elements(ImageSizing.Budgets.ToArray())
            select (height, width, budget);
        Prop.ForAll(sizes.ToArbitrary(), size =>
        {
            (int height, int width, int tokens) = ImageSizing.Target(size.Item1, size.Item2, size.Item3);
            Assert.Equal(0, height % 48);
            Assert.Equal(0, width % 48);
            Assert.Equal(tokens, height / 48 * (width / 48));
            Assert.InRange(tokens, 1, size.Item3);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }
}
