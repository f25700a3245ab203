namespace GemmaVk.Cpu.Simd;

/// <summary>
/// The float operations a kernel needs from one vector width. Kernels are written once against this and instantiated
/// per width; every method is one to five instructions and inlines.
/// </summary>
/// <typeparam name="TF">The vector of floats.</typeparam>
internal unsafe interface ILanes<TF>
    where TF : unmanaged
{
    /// <summary>Floats per vector, C in comments.</summary>
    static abstract int Count { get; }

    static abstract TF Zero { get; }

    static abstract TF Create(float value);

    static abstract TF Load(float* from);

    static abstract void Store(TF value, float* to);

    static abstract TF Add(TF a, TF b);

    static abstract TF Subtract(TF a, TF b);

    static abstract TF Multiply(TF a, TF b);

    static abstract TF Divide(TF a, TF b);

    /// <summary>a * b + c, rounded once where the machine can.</summary>
    static abstract TF Fma(TF a, TF b, TF c);

    static abstract TF Max(TF a, TF b);

    static abstract TF Min(TF a, TF b);

    /// <summary>Kept between two bounds; NaN stays NaN, which minima and maxima pass over.</summary>
    static abstract TF Clamp(TF a, float low, float high);

    static abstract TF Abs(TF a);

    /// <summary>Nearest integer, ties to even.</summary>
    static abstract TF Round(TF a);

    /// <summary><paramref name="a"/> where |test| is below <paramref name="bound"/>, else <paramref name="b"/>.</summary>
    static abstract TF WhereBelow(TF test, float bound, TF a, TF b);

    /// <summary>a * 2^n for integral n in -126 .. 127, in float form.</summary>
    static abstract TF Scale2(TF a, TF n);

    /// <summary>Sum of the lanes, in an order fixed per width.</summary>
    static abstract float Sum(TF a);

    /// <summary>Largest lane.</summary>
    static abstract float Largest(TF a);

    /// <summary>True if a lane of <paramref name="a"/> is at least the same lane of <paramref name="b"/>.</summary>
    static abstract bool AnyAtLeast(TF a, TF b);

    /// <summary>C halves, widened exactly.</summary>
    static abstract TF LoadHalf(ushort* from);

    /// <summary>As <see cref="LoadHalf"/>, with a few instructions more and without products of subnormal floats, which cost some processors a hundred cycles.</summary>
    static abstract TF LoadHalfScales(ushort* from);

    /// <summary>C halves, rounded to nearest even; beyond the range infinity.</summary>
    static abstract void StoreHalf(TF value, ushort* to);

    /// <summary>C bfloat16 values, widened exactly.</summary>
    static abstract TF LoadBFloat16(ushort* from);

    /// <summary>2C bfloat16 values, widened: the even ones and the odd ones.</summary>
    static abstract void LoadBFloat16Pairs(ushort* from, out TF even, out TF odd);

    /// <summary>C FP8 E4M3 values, widened exactly.</summary>
    static abstract TF LoadFloat8(byte* from);

    /// <summary>C signed bytes, widened.</summary>
    static abstract TF LoadBytes(sbyte* from);

    /// <summary>C integral floats in -128 .. 127 as signed bytes.</summary>
    static abstract void StoreBytes(TF value, sbyte* to);

    /// <summary>2C nibbles less 8: the low ones of C bytes and the high ones.</summary>
    static abstract void LoadNibbles(byte* from, out TF low, out TF high);
}
