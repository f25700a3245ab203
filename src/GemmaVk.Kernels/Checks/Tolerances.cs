using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>How far a result may be from the reference: absolute times the size of the terms, plus relative.</summary>
/// <param name="Absolute">In units of the size that the comparison is given (1 if none).</param>
/// <param name="Relative">In units of the expected value.</param>
public readonly record struct Tolerance(double Absolute, double Relative);

/// <summary>
/// One line per kernel. An F32 rounding is 6e-8 (2^-24). References compute in F64 and round once, so each number is the
/// count of roundings on a result's way, times 6e-8, with room for another order of summation.
/// </summary>
public static class Tolerances
{
    private const double Rounding = 1.0 / (1 << 24);

    /// <summary>
    /// As RmsNorm, twice: bound on the largest term before the bias, because a value near the mean keeps the rounding of the
    /// mean, and a value that meets its bias that of the product.
    /// </summary>
    public static Tolerance LayerNorm { get; } = new(32 * Rounding, 2 * Rounding);

    /// <summary>Two sums that may cancel: bound on the size of their parts.</summary>
    public static Tolerance AddPositions { get; } = new(3 * Rounding, 0);

    /// <summary>One product.</summary>
    public static Tolerance Embed { get; } = new(0, 2 * Rounding);

    /// <summary>Sum of squares in a few dozen partial sums, root, two products: errors of squares add up like a walk.</summary>
    public static Tolerance RmsNorm { get; } = new(0, 24 * Rounding);

    /// <summary>Two norms; the residual between them may cancel, so the bound is on the size of its parts.</summary>
    public static Tolerance AddRmsNorm { get; } = new(48 * Rounding, 32 * Rounding);

    /// <summary>As AddRmsNorm; its rows are then the nearest steps of what came of it.</summary>
    public static Tolerance AddRmsNormQuantize => AddRmsNorm;

    /// <summary>Two products and a sum that may cancel: bound on the head's largest value.</summary>
    public static Tolerance Rope { get; } = new(3 * Rounding, 0);

    /// <summary>Norm and rotation.</summary>
    public static Tolerance RmsNormRope { get; } = new(30 * Rounding, 0);

    /// <summary>As RmsNormRope, with the head's largest value; a cache in F16 rounds once more, by up to 2^-11.</summary>
    public static Tolerance RmsNormRopeAppend(DType cache) => cache == DType.F16 ? new Tolerance(30 * Rounding, 1.0 / 2040) : RmsNormRope;

    /// <summary>exp to 2 units, quotient, cubic argument: for z near -5 the argument's error is multiplied by about 2u = 10.</summary>
    public static Tolerance GeGlu { get; } = new(1e-30, 120 * Rounding);

    /// <summary>exp to 2 units, or a polynomial; two quotients.</summary>
    public static Tolerance SoftCap { get; } = new(0, 10 * Rounding);

    /// <summary>Units are one quotient from exact; the sum is integers times the unit.</summary>
    public static Tolerance QuantizeRows { get; } = new(0, 3 * Rounding);

    /// <summary>
    /// Weighted means of values of size s with scores of about unit size: score errors of W roundings become relative errors
    /// of the weights, and each value is added with one rounding.
    /// </summary>
    public static Tolerance Attention { get; } = new(100 * Rounding, 0);

    /// <summary>
    /// As Attention, of halves: queries, scaled or rebuilt keys, weights and scaled values are rounded to 11 bits, 2^-12 of each. The W products of a score add
    /// those up like a walk, to some 2^-10 where scores are of unit size; a weight errs by as much of itself, and the values that it is of lie
    /// up to four times their size from the mean.
    /// </summary>
    public static Tolerance AttentionInHalves { get; } = new(4.0 / (1 << 10), 0);

    /// <summary>
    /// As Attention, in whole numbers: a weight, its group's scale and their product are rounded to 15 bits, each by up to 2^-16 of a tile's largest, and queries to 16. Where one position
    /// has nearly all the weight, errors of the tile's other 63 add up like a walk, to 2^-13 of a value's size, and to a few times that at the worst of thousands of results.
    /// Of caches of F16 keys and values keep 15 bits of a row's largest, weights are rounded once, to 2^-17 of a tile's sum or 2^-16 of its largest, and queries to 2^-17 of a head's largest
    /// sum of 32 columns, 2^-13 of their size: the W products of a score add that up like a walk, to 2^-13 where scores are of unit size, and a weight errs by as much of itself.
    /// </summary>
    public static Tolerance AttentionInWholeNumbers { get; } = new(1.0 / (1 << 12), 0);

    /// <summary>The tolerance of attention on a backend. Rows of AttentionDecodeQuantize are then the nearest steps of what came of it.</summary>
    /// <param name="backend">Where it ran.</param>
    /// <param name="format">Of the cache.</param>
    /// <param name="decode">One to eight rows, whose queries and weights keep their digits, or many.</param>
    /// <param name="valuesOnly">Keys are rebuilt, and then halves themselves.</param>
    /// <param name="seen">Positions that a row sees, where they may be many.</param>
    public static Tolerance AttentionOn(IBackend backend, DType format, bool decode, bool valuesOnly = false, int seen = 0) =>
        decode && ((backend.AttendsInWholeNumbers && format == DType.Q8) || (format == DType.F16 && seen >= backend.HalvesInWholeNumbersFrom)) ? AttentionInWholeNumbers
        : backend.AttendsInHalves && format != DType.F32 && !(decode && format == DType.F16 && !valuesOnly) ? AttentionInHalves : Attention;

    /// <summary>
    /// Products are bounded against the sum of |terms|: K partial sums lose at most log-like many roundings. INT8 rows with INT4
    /// subtract 8 times the group sum, whose terms are up to twice the nibbles' own; Q4K and Q5K subtract minima, whose terms may be several times the values'.
    /// </summary>
    public static Tolerance Product(DType format, bool quantised) => (format, quantised) switch
    {
        (DType.Q4K or DType.Q5K, _) => new Tolerance(48 * Rounding, Rounding),
        (DType.Q4 or DType.Q4F16, true) => new Tolerance(24 * Rounding, Rounding),
        _ => new Tolerance(12 * Rounding, Rounding),
    };

    /// <summary>
    /// As Product, of INT8 rows as halves: a weight is rounded to 11 bits once, a row's step and its product with the integer once each. A device may cut bits off, so each
    /// is up to 2^-10 of the term. That is far under the step of the rows themselves, 1/127 of a group's largest number.
    /// </summary>
    public static Tolerance ProductInHalves { get; } = new(3.0 / (1 << 10), Rounding);

    /// <summary>The tolerance of a product with many rows on a backend.</summary>
    /// <param name="backend">Where it ran.</param>
    /// <param name="format">Of the weights.</param>
    /// <param name="quantised">Whether rows are INT8.</param>
    public static Tolerance ProductOn(IBackend backend, DType format, bool quantised) =>
        backend.MultipliesInHalves && quantised ? ProductInHalves : Product(format, quantised);

    /// <summary>As Product: queries, keys and values are products side by side.</summary>
    public static Tolerance MatVecQkv(DType format, bool quantised) => Product(format, quantised);

    /// <summary>
    /// Both products' errors reach the result: that of the gate through a slope of at most 1.13 times up, that of up times the gate. Sizes are
    /// what they come to with <see cref="Product"/> taken in (<see cref="ExpectedGate"/>); the gate itself adds what GeGlu may.
    /// </summary>
    public static Tolerance MatVecGeGlu { get; } = new(1, GeGlu.Relative);

    /// <summary>The published gated activation is computed in F32 itself and loses digits where 1 + tanh cancels.</summary>
    public static Tolerance PublishedGeGlu { get; } = new(2e-6, 2e-6);

    /// <summary>The published attention, in units of the largest value: its own F32 scores and sums.</summary>
    public static Tolerance PublishedAttention { get; } = new(2e-5, 1e-5);

    /// <summary>Published frequencies: a power and a quotient in F32.</summary>
    public static Tolerance PublishedFrequency { get; } = new(0, 4 * Rounding);

    /// <summary>Cosine and sine of a published angle, absolute.</summary>
    public static double PublishedAngle => 1e-6;

    /// <summary>Published distributions are F32: 5e-6 as their README argues; logits near -5000 have a resolution of 5e-4.</summary>
    public static double Probability(string row) => row == "large-negative" ? 1e-4 : 5e-6;
}
