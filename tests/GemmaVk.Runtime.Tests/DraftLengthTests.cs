using System;
using System.Linq;
using GemmaVk.Runtime.Drafting;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>The choice of a length, fed with made-up costs and acceptance; it has no clock of its own.</summary>
public class DraftLengthTests
{
    [Theory]
    [InlineData(0.9, 0.03, 0.02, 5)]
    [InlineData(0.8, 0.10, 0.10, 3)]
    [InlineData(0.5, 0.10, 0.10, 1)]
    [InlineData(0.8, 0.30, 0.60, 0)]
    [InlineData(0.02, 0.05, 0.05, 0)]
    public void It_settles_near_the_best_length(double acceptance, double draft, double row, int least)
    {
        DraftLength length = new(null);
        double Truth(int k) => Enumerable.Range(0, k + 1).Sum(i => Math.Pow(acceptance, i)) / ((k * draft) + 1 + (row * k));
        double best = Enumerable.Range(0, DraftLength.Most + 1).Max(Truth);
        int[] chosen = Simulate(length, 600, acceptance, draft, row);
        double mean = chosen.Skip(200).Average(Truth);
        Assert.True(mean > 0.93 * best, $"{mean:f3} of {best:f3} tokens per plain step");
        int usual = chosen.Skip(200).GroupBy(k => k).MaxBy(group => group.Count())!.Key;
        Assert.True(least == 0 ? usual == 0 : usual >= least, $"usually {usual} drafts");
    }

    [Fact]
    public void It_stops_when_nothing_pays_says_so_and_comes_back_when_something_does()
    {
        DraftLength length = new(null);
        Simulate(length, 400, acceptance: 0, draft: 0.2, row: 0.3);
        Assert.True(length.Paused);
        int[] later = Simulate(length, 4000, acceptance: 0.9, draft: 0.05, row: 0.05);
        Assert.False(length.Paused);
        Assert.True(later[^200..].Average() > 3, $"{later[^200..].Average()} drafts per round");
    }

    [Fact]
    public void It_knows_what_a_plain_step_takes_and_is_not_misled_by_the_first_run_of_anything()
    {
        DraftLength length = new(null);
        Simulate(length, 300, 0.8, 0.1, 0.1);
        Assert.InRange(length.PlainSeconds!.Value, 0.99, 1.01);
    }

    [Fact]
    public void A_fixed_length_is_kept_and_cut_only_for_want_of_room()
    {
        DraftLength length = new(5);
        Assert.All(Simulate(length, 50, 0, 1, 1), k => Assert.Equal(5, k));
        Assert.Equal(2, length.Next(2));
        Assert.Equal(0, length.Next(0));
        Assert.Equal(0, new DraftLength(null).Next(-3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DraftLength(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DraftLength(8));
    }

    /// <summary>Rounds on a machine where a plain step takes 1, a draft and a further row as given; first runs take ten times as long.</summary>
    private static int[] Simulate(DraftLength length, int rounds, double acceptance, double draft, double row)
    {
        Random random = new(7);
        bool[] draftSeen = new bool[DraftLength.Most + 1];
        bool[] passSeen = new bool[DraftLength.Most + 1];
        int[] chosen = new int[rounds];
        for (int round = 0; round < rounds; round++)
        {
            int k = chosen[round] = length.Next(100);
            if (k > 0)
            {
                length.Drafted(k, k * draft * (draftSeen[k] ? 1 : 10));
                draftSeen[k] = true;
            }

            length.Passed(k + 1, (1 + (row * k)) * (passSeen[k] ? 1 : 10));
            passSeen[k] = true;
            int accepted = 0;
            while (accepted < k && random.NextDouble() < acceptance)
            {
                accepted++;
            }

            if (k > 0)
            {
                length.Accepted(k, accepted);
            }
        }

        return chosen;
    }
}
