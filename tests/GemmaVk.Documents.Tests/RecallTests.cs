using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Documents.Index;
using GemmaVk.Documents.Search;
using GemmaVk.Documents.Tests.Made;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;
using Xunit;
using Xunit.Abstractions;

namespace GemmaVk.Documents.Tests;

/// <summary>
/// How often the right passage is among the first, by words alone and ranked again by the small model's likelihoods. GEMMAVK_RECALL names how many questions are asked of
/// each set; a few without it.
/// </summary>
public sealed class RecallTests(PebbleEngine pebble, ITestOutputHelper output) : IClassFixture<PebbleEngine>
{
    private static readonly int[] Depths = [1, 5, 20];

    private static int Wanted(int usual) => int.TryParse(Environment.GetEnvironmentVariable("GEMMAVK_RECALL"), out int wanted) ? wanted : usual;

    [Fact]
    public async Task In_the_small_models_own_world()
    {
        Figures words = new(), likelihood = new(), joined = new(), whole = new();
        int wanted = Wanted(4);
        for (int seed = 0; seed * PebbleWorld.Questions < wanted; seed++)
        {
            await Ask(PebbleWorld.Of(seed), wanted - (seed * PebbleWorld.Questions), words, likelihood, joined, whole);
        }

        Show("Pebble's own world", words, likelihood, joined, whole);
        Assert.True(words.Recall(20) >= 0.9);
        Assert.Equal(words.Recall(20), whole.Recall(20));
    }

    [Fact]
    public async Task In_other_words_than_the_models_own()
    {
        Figures words = new(), likelihood = new(), joined = new(), whole = new();
        await Ask(FirmFacts.Of(1), Wanted(2), words, likelihood, joined, whole);
        Show("Reports on firms", words, likelihood, joined, whole);
        Assert.True(words.Recall(20) >= 0.9);
        Assert.Equal(words.Recall(20), whole.Recall(20));
    }

    [Fact]
    public async Task Side_by_side_and_alone_a_passage_is_as_likely()
    {
        (Passage[] passages, (string Question, int Right)[] questions) = PebbleWorld.Of(3);
        FoundPassage[] found = [.. passages[..6].Select(passage => new FoundPassage(passage, 0))];
        LikelihoodRanking ranking = new(pebble.Engine);
        IReadOnlyList<FoundPassage> ranked = await ranking.RankAsync(questions[0].Question, found);
        Assert.Equal(ranked.OrderByDescending(each => each.Score), ranked);
        PassageSearch search = new(new Given(found), ranking);
        Assert.Equal(found[0].Passage, (await search.FindAsync(questions[0].Question, 1))[0].Passage);
        Assert.True(search.IsUninformed);
        string question = questions[0].Question;
        foreach (FoundPassage each in ranked)
        {
            int[] ids = ChatTemplate.Render([new ChatMessage("user", $"{each.Passage.Text}\n\n{question}")]).Encode(pebble.Engine.Tokenizer);
            int end = Array.LastIndexOf(ids, pebble.Engine.Tokenizer.Specials.TurnClose);
            int from = end - pebble.Engine.Tokenizer.Encode(question, specials: false).Length;
            Likelihoods alone = await pebble.Engine.ScoreAsync(new PromptRows(ids[..end]), new ScoreOptions(from));
            Assert.Equal(alone.Sum / alone.Count, each.Score, 1e-9);
            Assert.Equal(question, pebble.Engine.Tokenizer.Decode(ids.AsSpan(from..end), skipSpecials: false).Trim());
        }
    }

    private async Task Ask((Passage[] Passages, (string Question, int Right)[] Questions) set, int most, Figures words, Figures likelihood, Figures joined, Figures whole)
    {
        using PassageStore store = PassageStore.Open(null);
        store.Add("set", set.Passages);
        // The store names every file alike; the page tells the passages apart.
        LikelihoodRanking ranking = new(pebble.Engine);
        (string Question, int Right)[] questions = most >= set.Questions.Length ? set.Questions : [.. Enumerable.Range(0, most).Select(i => set.Questions[i * set.Questions.Length / most])];
        foreach ((string question, int right) in questions)
        {
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<FoundPassage> found = store.Find(question, 20);
            words.Add(found, right + 1, Stopwatch.GetElapsedTime(start));
            start = Stopwatch.GetTimestamp();
            IReadOnlyList<FoundPassage> ranked = await ranking.RankAsync(question, found);
            likelihood.Add(ranked, right + 1, Stopwatch.GetElapsedTime(start));
            FoundPassage[] fused = [.. PassageSearch.Fused(found, ranked)];
            joined.Add(fused, right + 1, Stopwatch.GetElapsedTime(start));
            Assert.True(ranked[0].Score < ranking.Chance, "the small model can judge: the table and its test want another look");
            whole.Add(Diversity.Order(found), right + 1, Stopwatch.GetElapsedTime(start));
        }
    }

    private void Show(string set, Figures words, Figures likelihood, Figures joined, Figures whole)
    {
        output.WriteLine($"{set}: {words.Count} questions");
        foreach ((string name, Figures figures) in ((string, Figures)[])[("BM25 alone", words), ("likelihood alone, of its 20", likelihood), ("both ranks joined", joined), ("as the program orders them", whole)])
        {
            output.WriteLine($"| {name} | {string.Join(" | ", Depths.Select(depth => figures.Recall(depth).ToString("P1")))} | {figures.Milliseconds:F1} ms |");
        }
    }

    private sealed class Given(IReadOnlyList<FoundPassage> found) : IPassageFinder
    {
        public Task<IReadOnlyList<FoundPassage>> FindAsync(string question, int most, System.Threading.CancellationToken cancel = default) => Task.FromResult(found);
    }

    private sealed class Figures
    {
        private readonly List<(int Rank, double Milliseconds)> _asked = [];

        public int Count => _asked.Count;

        public double Milliseconds => _asked.Select(each => each.Milliseconds).Order().ElementAt(_asked.Count / 2);

        public void Add(IReadOnlyList<FoundPassage> found, int page, TimeSpan took)
        {
            int at = found.ToList().FindIndex(each => each.Passage.Page == page);
            _asked.Add((at < 0 ? int.MaxValue : at, took.TotalMilliseconds));
        }

        public double Recall(int depth) => (double)_asked.Count(each => each.Rank < depth) / _asked.Count;
    }
}
