using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Documents.Search;
using GemmaVk.Mcp.Serving;
using FoundPassage = GemmaVk.Mcp.Serving.FoundPassage;

namespace GemmaVk.Cli.Reading;

/// <summary>An indexed folder for other programs: passages by their words, without the model, which may be answering.</summary>
/// <param name="index">The folder.</param>
internal sealed class FolderSearch(IPassageFinder index) : IDocumentSearch
{
    private readonly PassageSearch _search = new(index);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FoundPassage>> SearchAsync(string query, int most, CancellationToken cancel) =>
        [.. (await _search.FindAsync(query, most, cancel).ConfigureAwait(false)).Select(found => new FoundPassage(found.Passage.File, found.Passage.Page, found.Score, found.Passage.Text))];
}
