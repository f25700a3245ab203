using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Documents.Search;

/// <summary>
/// Finds passages: candidates by words (or vectors), ranked again by the model where there is one, then ordered so that they do not all say the same. The two ranks are
/// joined as 1 / (60 + rank) each (reciprocal rank fusion, Cormack and others, 2009), so that a model that judges badly costs little; one that does not judge at all is passed over.
/// </summary>
/// <param name="finder">Finds the candidates.</param>
/// <param name="ranking">Ranks them again, or null for their own order.</param>
public sealed class PassageSearch(IPassageFinder finder, LikelihoodRanking? ranking = null)
{
    /// <summary>How many candidates the model ranks.</summary>
    public const int Candidates = 20;

    private const int FusionOffset = 60;

    /// <summary>Whether the model's likelihoods were below <see cref="LikelihoodRanking.Chance"/> and so were passed over.</summary>
    public bool IsUninformed { get; private set; }

    /// <summary>The passages that fit best, best first.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<IReadOnlyList<FoundPassage>> FindAsync(string question, int most, CancellationToken cancel = default)
    {
        IReadOnlyList<FoundPassage> found = await finder.FindAsync(question, Math.Max(most, Candidates), cancel).ConfigureAwait(false);
        if (ranking is not null)
        {
            IReadOnlyList<FoundPassage> ranked = await ranking.RankAsync(question, [.. found.Take(Candidates)], cancel).ConfigureAwait(false);
            if (ranked.Count > 0 && ranked[0].Score < ranking.Chance)
            {
                // The order of the words stays.
                IsUninformed = true;
            }
            else
            {
                found = [.. Fused(found, ranked)];
            }
        }

        return [.. Diversity.Order([.. found.Take(Math.Max(most, Candidates))]).Take(most)];
    }

    internal static IEnumerable<FoundPassage> Fused(IReadOnlyList<FoundPassage> found, IReadOnlyList<FoundPassage> ranked)
    {
        Dictionary<Passage, double> scores = [];
        foreach (IReadOnlyList<FoundPassage> list in (IReadOnlyList<FoundPassage>[])[found, ranked])
        {
            for (int i = 0; i < list.Count; i++)
            {
                scores[list[i].Passage] = scores.GetValueOrDefault(list[i].Passage) + (1.0 / (FusionOffset + i));
            }
        }

        return scores.Select(each => new FoundPassage(each.Key, each.Value)).OrderByDescending(each => each.Score);
    }
}
