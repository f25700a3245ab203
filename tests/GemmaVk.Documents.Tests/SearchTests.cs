using System;
using System.Collections.Generic;
using System.Linq;
using System.Linq.Expressions;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Documents.Index;
using GemmaVk.Documents.Search;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace GemmaVk.Documents.Tests;

/// <summary>Finding by words, diversity, and a caller's own store of vectors.</summary>
public class SearchTests
{
    private static Passage Words(string text, int page = 1, string heading = "") => new("a.txt", page, heading, text);

    private static string[] Found(string question, params Passage[] passages)
    {
        using PassageStore store = PassageStore.Open(null);
        store.Add("a.txt", passages);
        return [.. store.Find(question, 10).Select(each => each.Passage.Text)];
    }

    [Theory]
    [InlineData("tightening", "Tighten the bolts.")]
    [InlineData("CAFE", "The café is open.")]
    [InlineData("東京", "私は東京に住んでいます。")]
    [InlineData("bolt OR NOT \"*^:(", "Tighten the bolts.")]
    [InlineData("überlauf", "Der Überlauf ist zu.")]
    public void Words_are_found_in_their_forms(string question, string text) => Assert.Equal([text], Found(question, Words(text), Words("Nothing of this kind.", 2)));

    [Fact]
    public void Headings_count_and_marks_of_the_query_language_do_not()
    {
        Assert.Equal("under it", Found("brakes", Words("the brakes squeak", 1), Words("under it", 2, "Brakes"))[0]);
        Assert.Empty(Found("\"'*()", Words("text")));
        Assert.Empty(Found("", Words("text")));
    }

    [Fact]
    public void What_says_the_same_again_comes_later()
    {
        FoundPassage[] found =
        [
            new(Words("the torque of the wheel nuts is 90 Nm"), 10), new(Words("the torque of the wheel nuts is 90 Nm today", 2), 9.8),
            new(Words("wheel nuts are made of steel", 3), 9.5), new(Words("unrelated", 4), 1),
        ];
        Assert.Equal([1, 3, 2, 4], Diversity.Order(found).Select(each => each.Passage.Page!.Value));
    }

    [Fact]
    public void Two_ranks_are_joined_by_their_places()
    {
        FoundPassage[] words = [new(Words("a", 1), 9), new(Words("b", 2), 8), new(Words("c", 3), 7)];
        FoundPassage[] model = [new(Words("b", 2), -1), new(Words("c", 3), -2), new(Words("a", 1), -3)];
        Assert.Equal([2, 1, 3], PassageSearch.Fused(words, model).Select(each => each.Passage.Page!.Value));
    }

    [Fact]
    public async Task A_store_of_vectors_takes_the_place_of_the_index()
    {
        MemoryVectors store = new([new("Whales sing.", new float[] { 1, 0 }), new("Owls fly.", new float[] { 0, 1 })]);
        VectorPassages<Entry> finder = new(store, entry => Words(entry.Text), new Letters());
        Assert.Equal("Owls fly.", (await new PassageSearch(finder).FindAsync("o", 1))[0].Passage.Text);
        Assert.Equal("Whales sing.", (await new PassageSearch(finder).FindAsync("w", 2))[0].Passage.Text);
        Assert.Equal("Whales sing.", (await new VectorPassages<Entry>(store, entry => Words(entry.Text)).FindAsync("w", 2))[0].Passage.Text);
    }

    private sealed record Entry(string Text, ReadOnlyMemory<float> Vector);

    /// <summary>"w..." points one way, all else the other.</summary>
    private sealed class Letters : IEmbeddingGenerator<string, Embedding<float>>
    {
        public static float[] Of(string text) => text.StartsWith('w') ? [1, 0] : [0, 1];

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(value => new Embedding<float>(Of(value)))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class MemoryVectors(IReadOnlyList<Entry> entries) : VectorStoreCollection<string, Entry>
    {
        private readonly Dictionary<string, Entry> _entries = entries.ToDictionary(entry => entry.Text);

        public override string Name => "memory";

        public override async IAsyncEnumerable<VectorSearchResult<Entry>> SearchAsync<TInput>(
            TInput searchValue, int top, VectorSearchOptions<Entry>? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            float[] vector = searchValue is ReadOnlyMemory<float> given ? given.ToArray() : Letters.Of((string)(object)searchValue);
            foreach (Entry entry in _entries.Values.OrderByDescending(entry => Score(entry, vector)).Take(top))
            {
                yield return new VectorSearchResult<Entry>(entry, Score(entry, vector));
            }
        }

        public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

        public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public override Task<Entry?> GetAsync(string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(_entries.GetValueOrDefault(key));

        public override IAsyncEnumerable<Entry> GetAsync(Expression<Func<Entry, bool>> filter, int top, FilteredRecordRetrievalOptions<Entry>? options = null, CancellationToken cancellationToken = default) =>
            _entries.Values.AsQueryable().Where(filter).Take(top).ToAsyncEnumerable();

        public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) => Task.FromResult(_entries.Remove(key));

        public override Task UpsertAsync(Entry record, CancellationToken cancellationToken = default) => Task.FromResult(_entries[record.Text] = record);

        public override Task UpsertAsync(IEnumerable<Entry> records, CancellationToken cancellationToken = default) => Task.WhenAll(records.Select(record => UpsertAsync(record, cancellationToken)));

        public override object? GetService(Type serviceType, object? serviceKey = null) => null;

        private static double Score(Entry entry, float[] vector) => entry.Vector.ToArray().Zip(vector, (a, b) => a * b).Sum();
    }
}
