using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: C floats per vector.

/// <summary>Widens 2C weights of a row to floats, in registers.</summary>
internal unsafe interface IDecoder<TF>
    where TF : unmanaged
{
    /// <summary>True when the two vectors are the even and the odd columns, false when they follow each other.</summary>
    static abstract bool EvensFirst { get; }

    /// <summary>Weights column .. column + 2C - 1.</summary>
    static abstract void Decode(in WeightRows row, int column, out TF first, out TF second);
}

/// <summary><see cref="DType.Q4"/> and <see cref="DType.Q4F16"/>.</summary>
internal readonly unsafe struct NibbleDecoder<L, TF, TScales> : IDecoder<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
    where TScales : struct, IGroupScales<TF>
{
    public static bool EvensFirst => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(in WeightRows row, int column, out TF first, out TF second)
    {
        TF scale = L.Create(TScales.One(row.Groups[column / 32]));
        L.LoadNibbles(row.Bytes + (column / 2), out TF low, out TF high);
        first = L.Multiply(low, scale);
        second = L.Multiply(high, scale);
    }
}

/// <summary><see cref="DType.Q8"/> and <see cref="DType.Q8F16"/>.</summary>
internal readonly unsafe struct ByteDecoder<L, TF, TScales> : IDecoder<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
    where TScales : struct, IGroupScales<TF>
{
    public static bool EvensFirst => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(in WeightRows row, int column, out TF first, out TF second)
    {
        TF scale = L.Create(TScales.One(row.Groups[column / 32]));
        first = L.Multiply(L.LoadBytes((sbyte*)row.Bytes + column), scale);
        second = L.Multiply(L.LoadBytes((sbyte*)row.Bytes + column + L.Count), scale);
    }
}

/// <summary><see cref="DType.F8E4M3"/>.</summary>
internal readonly unsafe struct Float8Decoder<L, TF> : IDecoder<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
{
    public static bool EvensFirst => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(in WeightRows row, int column, out TF first, out TF second)
    {
        TF scale = L.Create(BFloat16.ToSingle(*row.Groups));
        first = L.Multiply(L.LoadFloat8(row.Bytes + column), scale);
        second = L.Multiply(L.LoadFloat8(row.Bytes + column + L.Count), scale);
    }
}

/// <summary><see cref="DType.BF16"/>.</summary>
internal readonly unsafe struct BFloat16Decoder<L, TF> : IDecoder<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
{
    public static bool EvensFirst => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(in WeightRows row, int column, out TF first, out TF second) =>
        L.LoadBFloat16Pairs((ushort*)row.Bytes + column, out first, out second);
}

/// <summary><see cref="DType.F32"/>.</summary>
internal readonly unsafe struct FloatDecoder<L, TF> : IDecoder<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
{
    public static bool EvensFirst => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(in WeightRows row, int column, out TF first, out TF second)
    {
        first = L.Load((float*)row.Bytes + column);
        second = L.Load((float*)row.Bytes + column + L.Count);
    }
}
