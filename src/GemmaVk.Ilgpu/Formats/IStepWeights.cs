using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

// Letters: n row, g group of 32 columns.

/// <summary>A weight format of integers, which INT8 rows meet as integers.</summary>
internal interface IStepWeights
{
    /// <summary>sum of the integers of W[n, k] times q[k] over the 32 columns of a group: exact, without the group's scale.</summary>
    /// <param name="w">The matrix.</param>
    /// <param name="n">Row.</param>
    /// <param name="g">Group within the row.</param>
    /// <param name="q">INT8 rows in the order of QuantizeRows, four to a word.</param>
    /// <param name="at">Place in <paramref name="q"/> of the group's first word.</param>
    static abstract int Dot(in Matrix w, int n, int g, ArrayView<uint> q, long at);

    /// <summary>The scale of a group, counted over all rows.</summary>
    static abstract float Scale(in Matrix w, long group);
}
