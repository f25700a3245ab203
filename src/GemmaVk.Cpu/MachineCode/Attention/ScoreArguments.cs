using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.MachineCode.Attention;

/// <summary>What <see cref="ScoreKernel"/> gets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ScoreArguments
{
    /// <summary>
    /// [8 positions], <see cref="ScoreKernel.KeyStride"/> bytes apart: steps of keys, 128 added to each. Of <see cref="WordScoreKernel"/> INT16, <see cref="WordScoreKernel.KeyStride"/> bytes apart.
    /// </summary>
    public byte* Keys;

    /// <summary>[groups] of <see cref="ScoreKernel.QueryBytes"/> bytes, or of <see cref="WordScoreKernel.QueryBytes"/>.</summary>
    public byte* Queries;

    /// <summary>[8 positions, 16] F32: the groups' scales. Of words [8 positions]: what a step of a row is.</summary>
    public float* Scales;

    /// <summary>[16 heads] F32: what a step of a query is.</summary>
    public float* Units;

    /// <summary>[8 positions, 16 heads] F32: is added to.</summary>
    public float* Scores;

    /// <summary>Groups, at least 1.</summary>
    public long Groups;
}
