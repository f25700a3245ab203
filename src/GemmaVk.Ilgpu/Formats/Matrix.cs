using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

// Letters: N rows (outputs), K columns (inputs), g group of 32 columns.

/// <summary>A weight matrix as kernels take it: layouts in <see cref="QuantBlocks"/>, data in words of four bytes.</summary>
internal struct Matrix
{
    public ArrayView<uint> Words;
    public ArrayView<ushort> Scales;
    public int N;
    public int K;

    /// <summary>Views of a placed matrix. One without scales gets a view that nobody reads: a kernel must be given one.</summary>
    public static Matrix Of(WeightMatrix w) => new()
    {
        Words = IlgpuBuffer.Of<uint>(w.Data, w.Format, (long)w.N * w.K),
        Scales = w.Scale is null
            ? IlgpuBuffer.Of<ushort>(w.Data, w.Format, 0)
            : IlgpuBuffer.Of<ushort>(w.Scale, QuantBlocks.ScaleType(w.Format), w.N * QuantBlocks.RowScales(w.Format, w.K)),
        N = w.N,
        K = w.K,
    };
}
