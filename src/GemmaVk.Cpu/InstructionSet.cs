namespace GemmaVk.Cpu;

/// <summary>The rungs of the ladder of SIMD variants, lowest first.</summary>
public enum InstructionSet
{
    /// <summary>128-bit vectors in portable code: SSE, NEON.</summary>
    Vector128,

    /// <summary>256-bit vectors: AVX2 and FMA.</summary>
    Avx2,

    /// <summary>512-bit vectors: AVX-512 F, BW, DQ and VL.</summary>
    Avx512,
}
