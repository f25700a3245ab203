using System;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: N rows (outputs), K columns (inputs).

/// <summary>A weight matrix [N, K] as <see cref="IBackend.Place"/> put it: y = W x. Layouts: <see cref="QuantBlocks"/>.</summary>
/// <param name="Format">Q4, Q8, Q4F16, Q8F16, Q4K, Q5K, Q6K, F8E4M3, BF16 or F32.</param>
/// <param name="N">Rows: outputs.</param>
/// <param name="K">Columns: inputs; a multiple of 32, or of 256 where rows are blocks (<see cref="QuantBlocks.ColumnStep"/>).</param>
/// <param name="Data">All rows.</param>
/// <param name="Scale">Scales (<see cref="QuantBlocks.ScaleType"/>), or null for formats without.</param>
/// <param name="InPlace">The buffers are the source's own memory, such as a mapped file, and no copy of it.</param>
public sealed record WeightMatrix(DType Format, int N, int K, BufferHandle Data, BufferHandle? Scale, bool InPlace = false) : IDisposable
{
    /// <summary>Bytes a kernel reads to use the whole matrix once.</summary>
    public long Bytes => QuantBlocks.MatrixBytes(Format, N, K);

    /// <summary>Whether one kernel can take both matrices with one input: they have the same format and inputs.</summary>
    public bool IsLike(WeightMatrix other) => Format == other.Format && K == other.K;

    /// <inheritdoc/>
    public void Dispose()
    {
        Data.Dispose();
        Scale?.Dispose();
    }
}
