namespace GemmaVk.Kernels.Checks;

/// <summary>What a product should be, within what is allowed.</summary>
/// <param name="Values">The reference's result, [T, N].</param>
/// <param name="Sizes">Sum of |terms| per result.</param>
/// <param name="Tolerance">In units of the sizes.</param>
public sealed record ExpectedProduct(float[] Values, float[] Sizes, Tolerance Tolerance)
{
    /// <summary>The reference's product of a matrix with T rows.</summary>
    /// <param name="matrix">The weights.</param>
    /// <param name="x">Rows, [T, K].</param>
    /// <param name="T">Their number.</param>
    /// <param name="quantised">Whether the rows are rounded to INT8 first.</param>
    public static ExpectedProduct Of(RandomMatrix matrix, float[] x, int T, bool quantised)
    {
        (Tensors.DType format, int N, int K) = (matrix.Format, matrix.Rows, matrix.Columns);
        float[] expected = new float[T * N];
        if (quantised)
        {
            (sbyte[] q, float[] d, _) = OperandBuffers.Quantise(x, format, T, K);
            MatVec.ReferenceQuantised(q, d, format, matrix.Data, matrix.Scales, expected, T, N, K);
        }
        else
        {
            MatVec.Reference(x, format, matrix.Data, matrix.Scales, expected, T, N, K);
        }

        return new ExpectedProduct(expected, TermSizes.Product(matrix, x, T), Tolerances.Product(format, quantised));
    }
}
