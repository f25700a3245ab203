using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Documents.Index;

namespace GemmaVk.Documents.Search;

/// <summary>
/// Maximal marginal relevance (Carbonell and Goldstein, 1998): each next passage is the one whose score, less what it says again of those before it, is largest.
/// <c>next = argmax of L * score - (1 - L) * most overlap</c>, scores scaled to 0..1, overlap as shared words of all words (Jaccard).
/// </summary>
public static class Diversity
{
    private const double Weight = 0.75;

    /// <summary>All passages in their new order; the best stays the first.</summary>
    public static IReadOnlyList<FoundPassage> Order(IReadOnlyList<FoundPassage> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        if (found.Count < 3)
        {
            return found;
        }

        (double low, double high) = (found.Min(each => each.Score), found.Max(each => each.Score));
        HashSet<string>[] words = [.. found.Select(each => SearchWords.Of(each.Passage.Text).ToHashSet())];
        double[] again = new double[found.Count];
        List<int> left = [.. Enumerable.Range(0, found.Count)];
        List<FoundPassage> order = [];
        while (left.Count > 0)
        {
            int next = left.MaxBy(i => (Weight * (high > low ? (found[i].Score - low) / (high - low) : 1)) - ((1 - Weight) * again[i]));
            left.Remove(next);
            order.Add(found[next]);
            foreach (int i in left)
            {
                again[i] = Math.Max(again[i], Overlap(words[next], words[i]));
            }
        }

        return order;
    }

    private static double Overlap(HashSet<string> a, HashSet<string> b)
    {
        int shared = a.Count(b.Contains);
        return a.Count + b.Count == shared ? 0 : (double)shared / (a.Count + b.Count - shared);
    }
}
