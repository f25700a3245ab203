using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

// Letters: n row, g group of 32 columns.

/// <summary>A weight format of integers, which INT8 rows meet as integers.</summary>
internal interface IStepWeights
{
    /// <summary>sum of W[n, k] times <paramref name="unit"/> times q[k] over the 32 columns of a group: exact in integers, then multiplied by the group's scale.</summary>
    /// <param name="w">The matrix.</param>
    /// <param name="n">Row.</param>
    /// <param name="g">Group within the row.</param>
    /// <param name="q">INT8 rows in the order of QuantizeRows, four to a word.</param>
    /// <param name="at">Place in <paramref name="q"/> of the group's first word.</param>
    /// <param name="unit">Value of one step of the group.</param>
    static abstract float Dot(in Matrix w, int n, int g, ArrayView<uint> q, long at, float unit);
}
