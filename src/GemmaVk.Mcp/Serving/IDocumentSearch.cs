using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Mcp.Serving;

/// <summary>Finds passages in the user's documents.</summary>
public interface IDocumentSearch
{
    /// <summary>The best passages, best first.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <exception cref="GemmaVk.Tensors.GemmaVkException">It cannot be searched.</exception>
    Task<IReadOnlyList<FoundPassage>> SearchAsync(string query, int most, CancellationToken cancel);
}
