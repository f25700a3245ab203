using GemmaVk.Cpu.MachineCode;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>Q8 weights, made 128 too large because the instruction wants them unsigned.</summary>
internal readonly unsafe struct ByteWeights : IDotWeights
{
    public static int GroupBytes => 32;

    public static bool TakeTurns => false;

    public static int OffsetBits => 7;

    public static delegate* unmanaged[SuppressGCTransition]<DotArguments*, void> Code(int rows) => DotCode.SignedBytes(rows);
}
