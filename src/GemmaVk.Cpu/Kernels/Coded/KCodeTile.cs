using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: C = 16 groups of a block, r row of the block.

/// <summary>
/// Weights of <see cref="KBlocks"/> with INT8 activations in the layout of <see cref="KDotKernel"/>. Packing is a small part of a product, so that words are moved one by
/// one, and this is the tile for code that was compiled without vectors of 512 bits as well.
/// </summary>
internal readonly unsafe struct KCodeTile<TWeights> : ICodeTile
    where TWeights : struct, IKWeights
{
    private const int C = KDotKernel.C;
    private const int Words = QuantBlocks.GroupSize / sizeof(int);

    public static int Groups => C;

    public static int GroupBytes => KBlocks.Bytes(TWeights.Format) / 8;

    public static int PackedBytes => KDotKernel.PackedBytes(TWeights.Format);

    public static int RowStep => 1;

    public static long Scales(long groups) => groups / 8 * KBlocks.HeaderUnits(TWeights.Format);

    public static Microkernel Kernel(ProductCode code) => code.Dot(TWeights.Format);

    public static void Pack(sbyte* q, float* unit, int r, byte* packed)
    {
        int* to = (int*)(packed + (r * PackedBytes));
        int* sums = to + (Words * C);
        float* units = (float*)(sums + (TWeights.Format == DType.Q6K ? 2 * C : C));
        for (int g = 0; g < C; g++)
        {
            int lane = (g % 4 * 4) + (g / 4);
            sbyte* group = q + (g * QuantBlocks.GroupSize);
            for (int i = 0; i < Words; i++)
            {
                // Even columns are the first half of the rows' order, odd ones the second, and they take turns.
                int vector = i < Words / 2 ? 2 * i : (2 * (i - (Words / 2))) + 1;
                to[(vector * C) + lane] = ((int*)group)[i];
            }

            // Of even columns the first eight, of odd ones the first eight; then the others.
            int first = Sum(group) + Sum(group + 16), second = Sum(group + 8) + Sum(group + 24);
            if (TWeights.Format == DType.Q6K)
            {
                sums[lane] = -KBlocks.Offset * first;
                sums[C + lane] = -KBlocks.Offset * second;
            }
            else
            {
                ((float*)sums)[lane] = (first + second) * unit[g];
            }

            units[lane] = unit[g];
        }
    }

    /// <summary>In the order of <see cref="Lanes512.Sum"/>.</summary>
    public static void Totals(float* sums, int pairSums, int r, int count, float* y)
    {
        if (Lanes512.IsSupported)
        {
            DotCodeTile<Lanes512, Vector512<float>, Vector512<byte>, NibbleWeights, Brains>.Totals(sums, pairSums, r, count, y);
        }
        else
        {
            NarrowPackedTile<NibbleWeights, Brains>.Totals(sums, pairSums, r, count, y);
        }
    }

    /// <summary>Of eight steps.</summary>
    private static int Sum(sbyte* steps) => Vector128.Sum(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)steps).AsSByte()));
}
