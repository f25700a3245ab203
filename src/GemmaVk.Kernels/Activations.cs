using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass, K columns.

/// <summary>
/// The right-hand side of a matrix product: float rows, or rows that <see cref="QuantizeRows"/> wrote.
/// </summary>
/// <param name="Data">[T, K] F32, or [T, K] I8 in the order <see cref="QuantizeRows"/> gives for the weights' format.</param>
/// <param name="Scale">[T, K/32] F32: value of one step of a group; null for float rows.</param>
/// <param name="Sum">[T, K/32] F32: scale times the sum of the group's integers; null for float rows.</param>
public readonly record struct Activations(BufferHandle Data, BufferHandle? Scale = null, BufferHandle? Sum = null)
{
    /// <summary>True when the rows are INT8 with a scale per group of 32.</summary>
    public bool Quantised => Data.DType == DType.I8;
}
