namespace GemmaVk.Cpu.Kernels.Coded;

/// <summary>Q4 weights: two columns a byte, 8 too large.</summary>
internal readonly struct NibbleWeights : IDotWeights
{
    public static bool AreNibbles => true;

    public static int GroupBytes => 16;

    public static int OffsetBits => 3;
}
