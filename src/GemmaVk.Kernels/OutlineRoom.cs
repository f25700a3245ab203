using System;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: K columns.

/// <summary>Memory of a <see cref="RowOutline"/> in which some rows of the matrix are multiplied.</summary>
/// <param name="Some">Rows of the matrix that follow each other, [64, K], in its format.</param>
/// <param name="Results">[4, 64] F32.</param>
/// <param name="Ids">[1024] I32: which rows may matter.</param>
/// <param name="Rows">INT8 activations in the order that the copy takes, [4, K].</param>
public sealed record OutlineRoom(WeightMatrix Some, BufferHandle Results, BufferHandle Ids, Activations Rows) : IDisposable
{
    /// <summary>Rows of the matrix that are multiplied at once.</summary>
    public const int Together = 64;

    /// <summary>Most rows of the matrix that are read one by one: where more may matter, reading all of them takes no longer.</summary>
    public const int Most = 1024;

    /// <inheritdoc/>
    public void Dispose()
    {
        Some.Dispose();
        Results.Dispose();
        Ids.Dispose();
        Rows.Data.Dispose();
        Rows.Scale?.Dispose();
        Rows.Sum?.Dispose();
    }
}
