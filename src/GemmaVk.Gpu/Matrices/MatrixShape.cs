namespace GemmaVk.Gpu.Matrices;

/// <summary>A product that a matrix unit does as a whole: T x K by K x N. Rows are activations or queries, columns weight rows or keys.</summary>
/// <param name="T">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">What is summed over.</param>
internal readonly record struct MatrixShape(uint T, uint N, uint K)
{
    public override string ToString() => $"{T} x {N} x {K}";
}
