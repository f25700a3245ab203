using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace GemmaVk.Documents.Search;

/// <summary>Passages of a caller's own store of vectors, in place of the index of words: any engine behind Microsoft.Extensions.VectorData.</summary>
/// <typeparam name="TRecord">What the store keeps.</typeparam>
/// <param name="store">The store; the caller's to dispose of.</param>
/// <param name="passage">The passage that a record holds.</param>
/// <param name="embeddings">Makes the vector of a question; null where the store makes it itself.</param>
public sealed class VectorPassages<TRecord>(
    IVectorSearchable<TRecord> store, Func<TRecord, Passage> passage, IEmbeddingGenerator<string, Embedding<float>>? embeddings = null) : IPassageFinder
    where TRecord : class
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<FoundPassage>> FindAsync(string question, int most, CancellationToken cancel = default)
    {
        List<FoundPassage> found = [];
        IAsyncEnumerable<VectorSearchResult<TRecord>> results = embeddings is null
            ? store.SearchAsync(question, most, null, cancel)
            : store.SearchAsync((await embeddings.GenerateAsync(question, null, cancel).ConfigureAwait(false)).Vector, most, null, cancel);
        await foreach (VectorSearchResult<TRecord> result in results.ConfigureAwait(false))
        {
            found.Add(new FoundPassage(passage(result.Record), result.Score ?? 0));
        }

        return found;
    }
}
