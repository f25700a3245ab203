namespace GemmaVk.Tensors;

/// <summary>
/// Element types of buffers and of weight matrices. Those from <see cref="F8E4M3"/> on are formats of a matrix [N, K]:
/// their values are read together with a scale buffer. <see cref="QuantBlocks"/> draws their bytes.
/// </summary>
public enum DType : byte
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>The upper half of a binary32; conversions round to nearest even (<see cref="BFloat16"/>).</summary>
    BF16,

    /// <summary>Signed 32-bit integer: token ids, positions.</summary>
    I32,

    /// <summary>Signed 8-bit integer: quantised activations.</summary>
    I8,

    /// <summary>Unsigned 8-bit integer: colours of pixels.</summary>
    U8,

    /// <summary>FP8 E4M3 (finite, no infinities) with one BF16 scale per row (<see cref="Float8"/>).</summary>
    F8E4M3,

    /// <summary>INT8, symmetric, groups of 32 along the row with one BF16 scale each.</summary>
    Q8,

    /// <summary>INT4, offset 8, groups of 32 along the row with one BF16 scale each.</summary>
    Q4,

    /// <summary><see cref="Q8"/> with F16 scales: what GGUF's Q8_0 holds.</summary>
    Q8F16,

    /// <summary><see cref="Q4"/> with F16 scales: what GGUF's Q4_0 holds.</summary>
    Q4F16,

    /// <summary>INT4 from zero on, with a scale and a minimum per 32, which are small multiples of two F16 per 256: what GGUF's Q4_K holds.</summary>
    Q4K,

    /// <summary><see cref="Q4K"/> with five bits: what GGUF's Q5_K holds.</summary>
    Q5K,

    /// <summary>Six bits, offset 32, with a scale per 16 that is a small multiple of one F16 per 256: what GGUF's Q6_K holds, and Q3_K.</summary>
    Q6K,
}
