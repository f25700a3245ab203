using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

// Letters: n row, k column, g group of 32 columns.

/// <summary>A weight format, as a type argument of kernels: the device sees code for this one alone.</summary>
internal interface IWeights
{
    /// <summary>sum of W[n, k] * x[k] over the 32 columns of a group.</summary>
    /// <param name="w">The matrix.</param>
    /// <param name="n">Row.</param>
    /// <param name="g">Group within the row.</param>
    /// <param name="x">Rows of activations.</param>
    /// <param name="at">Place in <paramref name="x"/> of the group's first eight columns.</param>
    static abstract float Dot(in Matrix w, int n, int g, ArrayView<Eight> x, long at);

    /// <summary>W[n, k].</summary>
    static abstract float Value(in Matrix w, int n, int k);
}
