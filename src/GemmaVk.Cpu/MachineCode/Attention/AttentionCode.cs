namespace GemmaVk.Cpu.MachineCode.Attention;

/// <summary>The functions for attention over caches of Q8 and of F16 where sixteen query heads share a KV head.</summary>
/// <param name="Scores"><see cref="ScoreKernel"/>.</param>
/// <param name="Values"><see cref="ValueKernel"/> of bytes.</param>
/// <param name="WordScores"><see cref="WordScoreKernel"/>.</param>
/// <param name="WordValues"><see cref="ValueKernel"/> of words.</param>
internal readonly record struct AttentionCode(Microkernel Scores, Microkernel Values, Microkernel WordScores, Microkernel WordValues)
{
    /// <summary>Query heads of a KV head: a lane each.</summary>
    public const int Heads = 16;

    /// <summary>Writes the functions behind what is there.</summary>
    /// <returns>Where they begin, in their order.</returns>
    public static int[] Write(Assembler code, bool windows) =>
    [
        ScoreKernel.Write(code, windows),
        ValueKernel.Write(code, windows, words: false),
        WordScoreKernel.Write(code, windows),
        ValueKernel.Write(code, windows, words: true),
    ];
}
