using System;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

public class WindowPlanTests
{
    [Property(MaxTest = 300)]
    public void Sliding_windows_count_every_token_once_with_at_least_the_overlap_before_it(Seed seed)
    {
        Random random = new(seed);
        int N = random.Next(2, 200), C = random.Next(2, 40), S = random.Next(1, C);
        WindowPlan plan = WindowPlan.Of(WindowKind.Sliding, N, C, S);
        Assert.Equal(N, plan.Tokens);
        int next = 0;
        foreach (TextWindow window in plan.Windows)
        {
            Assert.Equal(next, window.ScoredFrom);
            Assert.InRange(window.End - window.First, 1, C - 1);
            Assert.True(window.First == 0 || window.ScoredFrom - window.First >= plan.Overlap);
            next = window.End;
        }

        Assert.Equal(N, next);
        Assert.All(plan.Windows.Zip(plan.Windows.Skip(1)), pair => Assert.Equal(S, pair.Second.First - pair.First.First));
    }

    [Theory]
    [InlineData(100, 16, 6, 42)]
    [InlineData(1397, 128, 10, 630)]
    [InlineData(15, 16, 1, 7)]
    public void Halves_are_llama_perplexitys(int N, int C, int pieces, int counted)
    {
        // (N + 1) / C pieces of C positions; of each the tokens after the first C / 2 rows count: C - 1 - C / 2.
        WindowPlan plan = WindowPlan.Of(WindowKind.Halves, N, C);
        Assert.Equal((pieces, counted), (plan.Windows.Count, plan.Tokens));
        Assert.All(plan.Windows, window => Assert.Equal((C - 1, C / 2), (window.End - window.First, window.ScoredFrom - window.First)));
        Assert.All(plan.Windows, window => Assert.Equal(0, window.First % C));
    }

    [Theory]
    [InlineData(WindowKind.Sliding, 1, 16, null, "the text has 1 token: expected 2 or more")]
    [InlineData(WindowKind.Sliding, 0, 16, null, "the text has 0 tokens: expected 2 or more")]
    [InlineData(WindowKind.Sliding, 100, 16, 0, "--stride 0: expected 1 to 15")]
    [InlineData(WindowKind.Sliding, 100, 16, 16, "--stride 16: expected 1 to 15")]
    [InlineData(WindowKind.Sliding, 100, 1, null, "--context 1: expected 2 or more")]
    [InlineData(WindowKind.Halves, 100, 16, 8, "--stride and --windows halves: expected one of them")]
    [InlineData(WindowKind.Halves, 14, 16, null, "the text has 14 tokens and bos: --windows halves needs at least one piece")]
    public void What_cannot_be_is_refused(WindowKind kind, int N, int C, int? S, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<GemmaVkException>(() => WindowPlan.Of(kind, N, C, S)).Message, StringComparison.Ordinal);
}
