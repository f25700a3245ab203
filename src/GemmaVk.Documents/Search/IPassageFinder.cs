using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Documents.Search;

/// <summary>What finds passages for a question: an index of words, or a store of vectors.</summary>
public interface IPassageFinder
{
    /// <summary>The passages that fit best, best first.</summary>
    /// <param name="question">What is asked, in plain words.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancel">Ends it.</param>
    Task<IReadOnlyList<FoundPassage>> FindAsync(string question, int most, CancellationToken cancel = default);
}
