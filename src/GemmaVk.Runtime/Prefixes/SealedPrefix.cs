using System;
using System.Collections.Generic;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Prefixes;

// Letters: W window of the sliding layers.

/// <summary>
/// A node of <see cref="PrefixStore"/>: rows <see cref="First"/> .. <see cref="End"/> - 1 of conversations that begin alike. With its
/// forebears it holds what full layers keep of all rows before the end; its rings, while they are held, are what sliding layers need to go
/// on from there: the W - 1 rows before the end, wherever the node begins.
/// </summary>
internal sealed class SealedPrefix
{
    private readonly int[] _ids;
    private readonly (int First, UInt128 Identity)[] _media;

    /// <param name="parent">What comes before, or null for a root.</param>
    /// <param name="end">Positions up to here.</param>
    /// <param name="past">Whose rows.</param>
    /// <param name="owner">The session that alone may have them, or 0.</param>
    /// <param name="passes">How the rows were made.</param>
    public SealedPrefix(SealedPrefix? parent, int end, PromptRows past, long owner, PassLog passes)
    {
        (Parent, First, End, Owner, Passes) = (parent, parent?.End ?? 0, end, owner, passes);
        _ids = past.Ids[First..End].ToArray();
        _media = [.. Touching(past)];
    }

    /// <summary>What comes before, or null for a root, which holds nothing.</summary>
    public SealedPrefix? Parent { get; }

    /// <summary>Position of the first row.</summary>
    public int First { get; }

    /// <summary>The position after the last.</summary>
    public int End { get; }

    /// <summary>
    /// 0 where the rows are those that any prompt with these tokens would give. Rows of an answer were made one by one, with other sums:
    /// they serve the session that wrote them.
    /// </summary>
    public long Owner { get; }

    /// <summary>How all rows up to the end were made.</summary>
    public PassLog Passes { get; }

    /// <summary>Rows First .. End - 1 of the full layers.</summary>
    public SealedRows? Full { get; set; }

    /// <summary>The W - 1 rows before the end of the sliding layers, or null once they had to go.</summary>
    public SealedRows? Rings { get; set; }

    /// <summary>When it was last of use: the larger, the later.</summary>
    public long Used { get; set; }

    /// <summary>What conversations go on with.</summary>
    public List<SealedPrefix> Next { get; } = [];

    /// <summary>Whether a prompt that is the same up to <see cref="First"/> is so up to the end.</summary>
    public bool Matches(PromptRows prompt)
    {
        if (prompt.Length < End || !prompt.Ids[First..End].SequenceEqual(_ids))
        {
            return false;
        }

        int i = 0;
        foreach ((int, UInt128) placed in Touching(prompt))
        {
            if (i == _media.Length || placed != _media[i++])
            {
                return false;
            }
        }

        return i == _media.Length;
    }

    private IEnumerable<(int First, UInt128 Identity)> Touching(PromptRows rows)
    {
        foreach (PlacedMedium placed in rows.Media)
        {
            if (placed.First < End && placed.End > First)
            {
                yield return (placed.First, placed.Medium.Identity);
            }
        }
    }
}
