using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GemmaVk.Runtime.Logits;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Log-probabilities of a row against sums of plain terms.</summary>
public class LogSoftmaxTests
{
    [Property(MaxTest = 300)]
    public Property Equals_plain_sums() => Prop.ForAll(
        Arb.From(from V in Gen.Choose(1, 700) from seed in Gen.Choose(0, 1 << 20) from top in Gen.Choose(0, 20) from ties in Gen.Elements(true, false) select (V, seed, top, ties)),
        drawn => Compare(drawn.V, drawn.seed, drawn.top, drawn.ties));

    [Fact]
    public void A_whole_vocabulary_is_as_exact() => Compare(262144, 7, 20, ties: false);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Nothing_is_likely_beside_a_number_that_is_none(float bad)
    {
        foreach (int at in (int[])[0, 7, 8, 32])
        {
            float[] l = new float[33];
            l[at] = bad;
            Assert.Null(LogSoftmax.Of(l, 3, 2));
        }
    }

    private static void Compare(int V, int seed, int top, bool ties)
    {
        Random random = new(seed);
        float[] l = [.. Enumerable.Range(0, V).Select(_ => (float)((random.NextDouble() * 60) - 30))];
        l = ties ? [.. l.Select(value => MathF.Round(value / 10))] : l;
        int id = random.Next(V);
        double most = l.Max();
        double sum = most + Math.Log(l.Sum(value => Math.Exp(value - most)));
        int[] order = [.. Enumerable.Range(0, V).OrderByDescending(i => l[i]).ThenBy(i => i)];
        TokenLogprob actual = LogSoftmax.Of(l, id, top)!;
        Assert.Equal(l[id] - sum, actual.Logprob, 1e-11);
        Assert.Equal(Array.IndexOf(order, id), actual.Rank);
        Assert.Equal(order.Take(top), actual.Top.Select(each => each.Id));
        Assert.All(actual.Top, each => Assert.Equal(l[each.Id] - sum, each.Logprob, 1e-11));
    }
}
