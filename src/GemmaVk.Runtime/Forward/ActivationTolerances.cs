namespace GemmaVk.Runtime.Forward;

/// <summary>
/// How far activations and logits of a whole model may be from those of another implementation, device or precision. The first is
/// absolute, on the tiny model of the golden data, whose logits have a root mean square of 3; the others are shares of an array's largest
/// value, for arrays of any model. Narrow models average least, so a wide one stays far below.
/// </summary>
public static class ActivationTolerances
{
    /// <summary>The same maths in F32, in another order: it moves a logit by up to 8e-5, and this leaves room for sums in F32.</summary>
    public const double Float32 = 1e-3;

    /// <summary>The same as a share, for models whose rows grow with depth.</summary>
    public const double Float32Share = 1e-3;

    /// <summary>Keys and values rounded to FP16: logits of the tiny model move by up to 0.056, with sums 0.08.</summary>
    public const double Float16Cache = 2e-2;

    /// <summary>Keys and values or rows rounded to INT8, or weights to other formats: logits of the tiny model move by up to 1.2.</summary>
    public const double Int8 = 0.2;

    /// <summary>The share that two runs may be apart, whatever the devices: that of the coarser precision.</summary>
    public static (double Share, string Why) Between(Precision first, Precision second) =>
        first.Linears != second.Linears || first.Embedding != second.Embedding || Coarse(first) || Coarse(second) ? (Int8, "weights, rows or caches are rounded to few bits in one of the two; a wide model stays below")
        : first.Kv != Tensors.DType.F32 || second.Kv != Tensors.DType.F32 || first.Angles != second.Angles ? (Float16Cache, "a cache is FP16 in one of the two, or angles are rounded")
        : (Float32Share, "F32 on both sides, sums in another order");

    private static bool Coarse(Precision precision) => precision.Kv == Tensors.DType.Q8 || precision.QuantiseActivations is not false;
}
