using GemmaVk.Cpu.MachineCode;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>Q4 weights: two columns a byte, 8 too large.</summary>
internal readonly unsafe struct NibbleWeights : IDotWeights
{
    public static int GroupBytes => 16;

    public static bool TakeTurns => true;

    public static int OffsetBits => 3;

    public static delegate* unmanaged[SuppressGCTransition]<DotArguments*, void> Code(int rows) => DotCode.Nibbles(rows);
}
