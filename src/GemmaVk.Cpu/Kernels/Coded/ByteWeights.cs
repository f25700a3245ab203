namespace GemmaVk.Cpu.Kernels.Coded;

/// <summary>Q8 weights, made 128 too large because the instruction wants them unsigned.</summary>
internal readonly struct ByteWeights : IDotWeights
{
    public static bool AreNibbles => false;

    public static int GroupBytes => 32;

    public static int OffsetBits => 7;
}
