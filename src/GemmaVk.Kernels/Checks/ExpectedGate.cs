using System;

namespace GemmaVk.Kernels.Checks;

// Letters: T rows, F outputs.

/// <summary>What gate and up with their gate should be, within what is allowed.</summary>
/// <param name="Values">The reference's result, [T, F].</param>
/// <param name="Allowed">How far a result may be off for what its two products may be off.</param>
public sealed record ExpectedGate(float[] Values, float[] Allowed)
{
    // The steepest slope of gelu, at about 1.4, and room for the product of both errors.
    private const double Slope = 1.13;

    /// <summary>The reference's result for two matrices with T rows.</summary>
    public static ExpectedGate Of(RandomMatrix gate, RandomMatrix up, float[] x, int T, bool quantised)
    {
        ExpectedProduct g = ExpectedProduct.Of(gate, x, T, quantised), u = ExpectedProduct.Of(up, x, T, quantised);
        float[] values = new float[T * gate.Rows];
        float[] allowed = new float[values.Length];
        GeGlu.Reference(g.Values, u.Values, values);
        for (int i = 0; i < values.Length; i++)
        {
            double gateError = Error(g, i), upError = Error(u, i);
            allowed[i] = (float)((Slope * gateError * Math.Abs(u.Values[i])) + ((Math.Abs(g.Values[i]) + gateError) * upError) + 1e-6);
        }

        return new ExpectedGate(values, allowed);
    }

    private static double Error(ExpectedProduct product, int i) =>
        (product.Tolerance.Absolute * product.Sizes[i]) + (product.Tolerance.Relative * Math.Abs(product.Values[i]));
}
