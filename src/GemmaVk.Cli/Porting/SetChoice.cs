using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cli.Comparing;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Porting;

/// <summary>Which set a file answers, by its names and shapes.</summary>
internal static class SetChoice
{
    private const int Named = 4;

    /// <summary>The set.</summary>
    /// <param name="kit">Where the sets are.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="given">Its arrays.</param>
    /// <exception cref="GemmaVkException">None fits, or several fit equally well.</exception>
    public static GoldenSet Of(GoldenKit kit, string path, IReadOnlyDictionary<string, NumberArray> given)
    {
        if (given.Count == 0)
        {
            throw new GemmaVkException($"{path}: expected arrays of a port, but it has none; write some.");
        }

        (GoldenSet Set, int Fitting, int Known)[] all = [.. GoldenSets.All.Select(set => Fit(kit, set, given))];
        int best = all.Max(each => each.Fitting);
        GoldenSet[] fitting = [.. all.Where(each => each.Fitting == best).Select(each => each.Set)];
        if (best > 0 && fitting.Length == 1)
        {
            return fitting[0];
        }

        string arrays = string.Join(", ", given.Values.Take(Named).Select(array => $"{array.Name} {array.Kind}")) + (given.Count > Named ? ", ..." : "");
        if (best > 0)
        {
            throw new GemmaVkException($"{path}: expected arrays of one set, but {string.Join(" and ", fitting.Take(Named).Select(set => set.Name))} have these names and shapes ({arrays}); say which with --set.");
        }

        GoldenSet[] known = [.. all.Where(each => each.Known > 0).OrderByDescending(each => each.Known).Select(each => each.Set)];
        throw new GemmaVkException(known.Length == 0
            ? $"{path}: expected arrays under the names of a set, but it has {arrays}; 'gemmavk golden list SET' shows a set's names."
            : $"{path}: expected the shapes of a set, but it has {arrays}, and {known[0].Name} has others under these names; is it of another model (its traces are compared with 'gemmavk trace --compare'), or of another prompt? --set says which set to hold it against.");
    }

    private static (GoldenSet Set, int Fitting, int Known) Fit(GoldenKit kit, GoldenSet set, IReadOnlyDictionary<string, NumberArray> given)
    {
        if (set.Beginnings.Count > 0 && !given.Keys.Any(name => set.Beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal))))
        {
            return (set, 0, 0);
        }

        using GoldenArrays golden = kit.Open(set);
        (int fitting, int known) = (0, 0);
        foreach (NumberArray array in given.Values)
        {
            if (golden.Arrays.TryGetValue(array.Name, out NumberArray? expected))
            {
                known++;
                // Only the length of a text may differ.
                fitting += NumberArray.SameLayout(expected.Extents, array.Extents) || (expected.DType == "U8" && expected.Extents.Count == 1 && array.Extents.Count == 1) ? 1 : 0;
            }
            else if (golden.Hashes.ContainsKey(array.Name))
            {
                (fitting, known) = (fitting + 1, known + 1);
            }
        }

        return (set, fitting, known);
    }
}
