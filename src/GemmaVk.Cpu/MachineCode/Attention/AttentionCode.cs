namespace GemmaVk.Cpu.MachineCode.Attention;

/// <summary>The functions for attention over caches of Q8 where sixteen query heads share a KV head.</summary>
/// <param name="Scores"><see cref="ScoreKernel"/>.</param>
/// <param name="Values"><see cref="ValueKernel"/>.</param>
internal readonly record struct AttentionCode(Microkernel Scores, Microkernel Values)
{
    /// <summary>Query heads of a KV head: a lane each.</summary>
    public const int Heads = 16;

    /// <summary>Writes both functions behind what is there.</summary>
    /// <returns>Where they begin.</returns>
    public static (int Scores, int Values) Write(Assembler code, bool windows) => (ScoreKernel.Write(code, windows), ValueKernel.Write(code, windows));
}
