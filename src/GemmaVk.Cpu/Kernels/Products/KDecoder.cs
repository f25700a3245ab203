using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: C floats per vector.

/// <summary>Formats of <see cref="KBlocks"/> with float activations: a group's integers are made as bytes, of which C even and C odd ones are widened.</summary>
internal readonly unsafe struct KDecoder<L, TF, TWeights> : IDecoder<TF>
    where L : struct, ILanes<TF>
    where TF : unmanaged
    where TWeights : struct, IKWeights
{
    public static bool EvensFirst => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(in WeightRows row, int column, out TF first, out TF second)
    {
        int block = column / KBlocks.Columns, c = column % KBlocks.Columns, from = c % 32 / 2;
        ReadOnlySpan<byte> data = new(row.Bytes + ((long)block * KBlocks.Bytes(TWeights.Format)), KBlocks.Bytes(TWeights.Format));
        ReadOnlySpan<ushort> header = new(row.Groups + ((long)block * KBlocks.HeaderUnits(TWeights.Format)), KBlocks.HeaderUnits(TWeights.Format));
        KBlocks.Codes(TWeights.Format, data, c / 32, out Vector128<byte> evens, out Vector128<byte> odds);
        (float step, float least) = KBlocks.Scale(TWeights.Format, header, c);
        TF steps = L.Create(step), leasts = L.Create(-least);
        if (TWeights.Format == DType.Q6K && L.Count == 16)
        {
            // A vector has columns of both halves of a group.
            (float next, float nextLeast) = KBlocks.Scale(TWeights.Format, header, c + 16);
            steps = Unsafe.BitCast<Vector512<float>, TF>(Vector512.Create(Vector256.Create(step), Vector256.Create(next)));
            leasts = Unsafe.BitCast<Vector512<float>, TF>(Vector512.Create(Vector256.Create(-least), Vector256.Create(-nextLeast)));
        }

        first = L.Fma(L.LoadBytes((sbyte*)&evens + from), steps, leasts);
        second = L.Fma(L.LoadBytes((sbyte*)&odds + from), steps, leasts);
    }
}
