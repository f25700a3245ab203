using System;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Evaluation.Statistics;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

/// <summary>Against values that are known or can be counted by hand.</summary>
public class StatisticsTests
{
    [Fact]
    public void A_mean_has_the_normal_interval()
    {
        Interval mean = Interval.OfMean([1, 2, 3, 4]);
        Assert.Equal(2.5, mean.Value);
        // s = sqrt(5 / 3), half = 1.96 s / 2.
        Assert.Equal(2.5 + (1.959963984540054 * Math.Sqrt(5.0 / 3) / 2), mean.High, 12);
        Assert.Equal(5, mean.Low + mean.High, 12);
        Assert.Equal(new Interval(7, 7, 7), Interval.OfMean([7]));
        Assert.True(double.IsNaN(Interval.OfMean([]).Value));
    }

    [Fact]
    public void A_share_has_Wilsons_interval()
    {
        // Eight of ten: 0.4902 to 0.9433, as tables have it.
        Interval share = Interval.OfShare(8, 10);
        Assert.Equal((0.8, 0.4902, 0.9433), (share.Value, Math.Round(share.Low, 4), Math.Round(share.High, 4)));
        Assert.Equal(0, Interval.OfShare(0, 20).Low, 12);
        Assert.Equal(1, Interval.OfShare(20, 20).High, 12);
        Assert.InRange(Interval.OfShare(20, 20).Low, 0.8, 0.9);
    }

    [Fact]
    public void Draws_are_those_of_splitmix64()
    {
        SeededDraw draw = new(1234567);
        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423], (ulong[])[draw.Bits(), draw.Bits(), draw.Bits()]);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(draw.Below(7), 0, 6));
    }

    [Fact]
    public void A_bootstrap_comes_near_the_normal_interval_and_is_the_same_for_a_seed()
    {
        double[] scores = [.. Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? 1.0 : 0)];
        Interval mean = Bootstrap.Mean(scores, 3), normal = Interval.OfMean(scores);
        Assert.Equal(0.5, mean.Value);
        Assert.InRange(mean.Low, normal.Low - 0.005, normal.Low + 0.005);
        Assert.InRange(mean.High, normal.High - 0.005, normal.High + 0.005);
        Assert.Equal(mean, Bootstrap.Mean(scores, 3));
        Assert.NotEqual(mean, Bootstrap.Mean(scores, 4));
        // Errors over words: long items weigh more than short ones.
        Assert.Equal(0.2, Bootstrap.Ratio([1, 1], [2, 8], 0).Value, 12);
    }

    [Fact]
    public void Quantiles_lie_between_values() =>
        Assert.Equal((1.0, 2.5, 4.0, 1.3), (Bootstrap.Quantile([1, 2, 3, 4], 0), Bootstrap.Quantile([1, 2, 3, 4], 0.5), Bootstrap.Quantile([1, 2, 3, 4], 1), Math.Round(Bootstrap.Quantile([1, 2, 3, 4], 0.1), 12)));

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(5, 5, 1)]
    [InlineData(1, 9, 22.0 / 1024)]
    [InlineData(9, 1, 22.0 / 1024)]
    [InlineData(10, 20, 0.09873714670538902)]
    [InlineData(700, 600, 0.0060157938610449525)]
    public void McNemars_test_is_the_coins(int first, int second, double p) => Assert.Equal(p, PairedTest.McNemar(first, second), 1e-10);

    [Fact]
    public void Four_items_that_all_rise_have_two_of_sixteen_signs() => Assert.Equal(2.0 / 16, PairedTest.Permutation([0.5, 1, 2, 0.25], 0));

    [Property(MaxTest = 100)]
    public void Where_items_are_right_or_wrong_the_two_tests_are_one(Seed seed)
    {
        Random random = new(seed);
        double[] differences = [.. Enumerable.Range(0, random.Next(0, 17)).Select(_ => (double)random.Next(-1, 2))];
        double p = PairedTest.McNemar(differences.Count(d => d < 0), differences.Count(d => d > 0));
        Assert.Equal(p, PairedTest.Permutation(differences, 1), 1e-10);
    }

    [Fact]
    public void Many_items_are_drawn_and_come_near()
    {
        double[] differences = [.. Enumerable.Repeat(1.0, 20), .. Enumerable.Repeat(-1.0, 10)];
        Assert.InRange(PairedTest.Permutation(differences, 1), 0.08, 0.12);
        Assert.Equal(PairedTest.Permutation(differences, 1), PairedTest.Permutation(differences, 1));
    }
}
