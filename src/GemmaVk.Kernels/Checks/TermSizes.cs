using System;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>Sizes of what was added up to a result, per element: absolute tolerances are in units of them.</summary>
public static class TermSizes
{
    /// <summary>Sum of |x w| per result [T, N].</summary>
    public static float[] Product(RandomMatrix matrix, float[] x, int T)
    {
        float[] sizes = new float[T * matrix.Rows];
        for (int n = 0; n < matrix.Rows; n++)
        {
            for (int k = 0; k < matrix.Columns; k++)
            {
                float w = Math.Abs(QuantBlocks.Value(matrix.Format, matrix.Data, matrix.Scales, matrix.Columns, n, k));
                for (int t = 0; t < T; t++)
                {
                    sizes[(t * matrix.Rows) + n] += w * Math.Abs(x[(t * matrix.Columns) + k]);
                }
            }
        }

        return sizes;
    }

    /// <summary>The largest value of a row before the mean was taken away, times what it was scaled by.</summary>
    public static float[] LayerNorm(float[] x, float[]? inputBias, float[] w, float[] b, int R, int D, float eps)
    {
        float[] sizes = new float[R * D];
        for (int r = 0; r < R; r++)
        {
            double[] z = [.. Enumerable.Range(0, D).Select(d => x[(r * D) + d] + (double)(inputBias?[d] ?? 0))];
            double mean = z.Average();
            double inverse = 1 / Math.Sqrt(z.Average(value => (value - mean) * (value - mean)) + eps);
            double largest = z.Max(Math.Abs) * inverse;
            for (int d = 0; d < D; d++)
            {
                sizes[(r * D) + d] = (float)((largest * Math.Abs(w[d])) + Math.Abs(b[d]));
            }
        }

        return sizes;
    }

    /// <summary>A residual that nearly cancels in a whole row is magnified by the next norm: D = 1 divides by itself.</summary>
    /// <param name="x">The residual after the call, [T, D].</param>
    /// <param name="T">Rows.</param>
    /// <param name="D">Width of a row.</param>
    public static float[] AddRmsNorm(float[] x, int T, int D)
    {
        float[] sizes = new float[T * D];
        for (int t = 0; t < T; t++)
        {
            double rms = Math.Sqrt((x.Skip(t * D).Take(D).Sum(value => (double)value * value) / D) + 1e-6);
            Array.Fill(sizes, (float)(16 / rms), t * D, D);
        }

        return sizes;
    }
}
