using System.Runtime.CompilerServices;
using GemmaVk.Tensors;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>The scales of a format of integers, as a type argument of its weights.</summary>
internal interface IGroupScales
{
    /// <summary>A scale as a float: exact.</summary>
    static abstract float One(ushort bits);
}

/// <summary>BF16 scales: of Q4 and Q8.</summary>
internal readonly struct BrainScales : IGroupScales
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(ushort bits) => BFloat16.ToSingle(bits);
}

/// <summary>F16 scales: of Q4F16 and Q8F16.</summary>
internal readonly struct HalfScales : IGroupScales
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(ushort bits) => Float16.ToSingle(bits);
}
