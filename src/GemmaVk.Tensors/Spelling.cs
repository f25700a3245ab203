using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Tensors;

/// <summary>The word that a misspelt one was meant to be.</summary>
public static class Spelling
{
    private const int MostMistakes = 3;

    /// <summary>The nearest of some words, or null where none is near: one that begins alike, else the one with the fewest mistakes.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="words">What could have been meant.</param>
    public static string? Nearest(string typed, IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(typed);
        ArgumentNullException.ThrowIfNull(words);
        string[] all = [.. words];
        string[] longer = [.. all.Where(word => typed.TrimStart('-', '/').Length > 1 && word.StartsWith(typed, StringComparison.OrdinalIgnoreCase))];
        if (longer.Length == 1)
        {
            return longer[0];
        }

        int most = Math.Min(MostMistakes, typed.TrimStart('-', '/').Length / 2);
        return all.Select(word => (Word: word, Mistakes: Mistakes(typed, word)))
            .Where(each => each.Mistakes <= most)
            .OrderBy(each => each.Mistakes)
            .Select(each => each.Word)
            .FirstOrDefault();
    }

    /// <summary>Letters to add, drop, change or swap with their neighbour to get from one word to the other.</summary>
    public static int Mistakes(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        // Row i holds the distances of the first i letters of one to each beginning of the other.
        int[,] distance = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distance[i, j] = i + j;
                    continue;
                }

                bool same = char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]);
                int least = Math.Min(Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1, distance[i - 1, j - 1] + (same ? 0 : 1));
                bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                distance[i, j] = swapped ? Math.Min(least, distance[i - 2, j - 2] + 1) : least;
            }
        }

        return distance[from.Length, to.Length];
    }
}
