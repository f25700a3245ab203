using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>The scales of a format of integers, as a type argument: code for each is made apart.</summary>
internal unsafe interface IGroupScales<TF>
    where TF : unmanaged
{
    /// <summary>One scale.</summary>
    static abstract float One(ushort bits);

    /// <summary>As many as a vector has floats.</summary>
    static abstract TF Load(ushort* from);
}

/// <summary>BF16 scales: of Q4 and Q8.</summary>
internal readonly unsafe struct BrainScales<L, TF> : IGroupScales<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(ushort bits) => BFloat16.ToSingle(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TF Load(ushort* from) => L.LoadBFloat16(from);
}

/// <summary>F16 scales: of Q4F16 and Q8F16.</summary>
internal readonly unsafe struct HalfScales<L, TF> : IGroupScales<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(ushort bits) => Float16.ToSingle(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TF Load(ushort* from) => L.LoadHalfScales(from);
}
