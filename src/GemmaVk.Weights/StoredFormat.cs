using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>How matrices of one type in a file are read.</summary>
/// <param name="Type">Type in the file, such as Q4_K.</param>
/// <param name="Format">Format that kernels take, where nobody asks for another.</param>
/// <param name="Count">Matrices of this kind.</param>
/// <param name="StoredBits">Bits per weight in the file, scales included.</param>
/// <param name="IsExact">Every value stays what it is.</param>
public sealed record StoredFormat(string Type, DType Format, int Count, double StoredBits, bool IsExact)
{
    /// <summary>Bits per weight in memory, scales included.</summary>
    public double Bits => QuantBlocks.MatrixBytes(Format, 1, 1024) / 128.0;
}
