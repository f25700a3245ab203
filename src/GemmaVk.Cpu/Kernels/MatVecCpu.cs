using System;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Kernels.Coded;
using GemmaVk.Cpu.Kernels.Outlines;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, K inputs.

/// <summary>SIMD twin of <see cref="MatVec"/>: checks the arguments and picks the tile for weights and activations.</summary>
internal static unsafe class MatVecCpu
{
    public static void Run<L, TF, TB>(RowPartition pool, Scratch scratch, in MatVec.Args args, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(args.T, MatVec.MaxRows);
        if (!OutlinedProduct.Run<L, TF, TB>(pool, scratch, args, code))
        {
            Multiply<L, TF, TB>(pool, scratch, args.X, args.W, args.Y, args.T, args.First, code);
        }
    }

    /// <summary>Both kernels are the same product: they differ in how many rows they may have.</summary>
    public static void Multiply<L, TF, TB>(RowPartition pool, Scratch scratch, in Activations x, WeightMatrix w, BufferHandle y, int T, int first, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(T);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        long skipped = (long)first * w.K;
        long count = skipped + ((long)T * w.K);
        ProductSource source = new() { K = w.K };
        if (x.Quantised)
        {
            source.Q = CpuBuffer.Of<sbyte>(x.Data, DType.I8, count) + skipped;
            source.Unit = CpuBuffer.Of<float>(x.Scale!, DType.F32, count / QuantBlocks.GroupSize) + (skipped / QuantBlocks.GroupSize);
        }
        else
        {
            source.X = CpuBuffer.Of<float>(x.Data, DType.F32, count) + skipped;
        }

        if (code is not null && x.Quantised && CodedProduct.TryRun(pool, scratch, code, source, w, y, T))
        {
            return;
        }

        switch (w.Format, x.Quantised)
        {
            case (DType.Q4, true):
                GroupProduct.Run<NibbleTile<L, TF, TB, BrainScales<L, TF>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q4F16, true):
                GroupProduct.Run<NibbleTile<L, TF, TB, HalfScales<L, TF>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q8, true):
                Bytes<L, TF, TB, BrainScales<L, TF>, BrainScales<Lanes256, Vector256<float>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q8F16, true):
                Bytes<L, TF, TB, HalfScales<L, TF>, HalfScales<Lanes256, Vector256<float>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q4, false):
                Product.Run<FloatTile<L, TF, NibbleDecoder<L, TF, BrainScales<L, TF>>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q4F16, false):
                Product.Run<FloatTile<L, TF, NibbleDecoder<L, TF, HalfScales<L, TF>>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q8, false):
                Product.Run<FloatTile<L, TF, ByteDecoder<L, TF, BrainScales<L, TF>>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q8F16, false):
                Product.Run<FloatTile<L, TF, ByteDecoder<L, TF, HalfScales<L, TF>>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q4K, true):
                GroupProduct.Run<KTile<L, TF, TB, Q4KWeights>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q5K, true):
                GroupProduct.Run<KTile<L, TF, TB, Q5KWeights>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q6K, true):
                GroupProduct.Run<KTile<L, TF, TB, Q6KWeights>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q4K, false):
                Product.Run<FloatTile<L, TF, KDecoder<L, TF, Q4KWeights>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q5K, false):
                Product.Run<FloatTile<L, TF, KDecoder<L, TF, Q5KWeights>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.Q6K, false):
                Product.Run<FloatTile<L, TF, KDecoder<L, TF, Q6KWeights>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.F8E4M3, false):
                Product.Run<FloatTile<L, TF, Float8Decoder<L, TF>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.BF16, false):
                Product.Run<FloatTile<L, TF, BFloat16Decoder<L, TF>>>(pool, scratch, source, w, y, T);
                break;
            case (DType.F32, false):
                Product.Run<FloatTile<L, TF, FloatDecoder<L, TF>>>(pool, scratch, source, w, y, T);
                break;
            default:
                throw new ArgumentException($"{w.Data.Name}: no product of {w.Format} weights with {x.Data.DType} activations");
        }
    }

    /// <summary>INT8 weights with INT8 activations.</summary>
    private static void Bytes<L, TF, TB, TScales, TNarrow>(RowPartition pool, Scratch scratch, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
        where TScales : struct, IGroupScales<TF>
        where TNarrow : struct, IGroupScales<Vector256<float>>
    {
        if (L.TakesBytes)
        {
            GroupProduct.Run<ByteDotTile<L, TF, TB, TScales>>(pool, scratch, source, w, y, T);
        }
        else if (L.Count > Lanes256.Count && Lanes256.TakesBytes)
        {
            // A dot instruction of half the width beats the full width without one.
            GroupProduct.Run<ByteDotTile<Lanes256, Vector256<float>, Vector256<byte>, TNarrow>>(pool, scratch, source, w, y, T);
        }
        else
        {
            GroupProduct.Run<ByteTile<L, TF, TB, TScales>>(pool, scratch, source, w, y, T);
        }
    }
}
