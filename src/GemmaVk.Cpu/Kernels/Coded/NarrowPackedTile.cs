using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: C = 16 groups of a block, r row of the block.

/// <summary>
/// <see cref="DotCodeTile{L, TF, TB, TWeights, TScales}"/> of 512 bits for code that was compiled without vectors so wide: the same bytes, and the same sums.
/// Packing is a small part of a product, so that words are moved one by one.
/// </summary>
internal readonly unsafe struct NarrowPackedTile<TWeights, TScales> : ICodeTile
    where TWeights : struct, IDotWeights
    where TScales : struct, IScaleKind
{
    private const int C = DotKernel.C;
    private const int Words = QuantBlocks.GroupSize / sizeof(int);

    public static int Groups => C;

    public static int GroupBytes => TWeights.GroupBytes;

    public static int PackedBytes => DotKernel.PackedBytes;

    public static int RowStep => 1;

    public static Microkernel Kernel(ProductCode code) => code.Dot(TWeights.AreNibbles, TScales.AreHalfs);

    public static void Pack(sbyte* q, float* unit, int r, byte* packed)
    {
        int* to = (int*)(packed + (r * PackedBytes));
        int* offsets = to + (Words * C);
        float* units = (float*)(offsets + C);
        for (int g = 0; g < C; g++)
        {
            int lane = (g % 4 * 4) + (g / 4), sum = 0;
            int* from = (int*)(q + (g * QuantBlocks.GroupSize));
            for (int i = 0; i < Words; i++)
            {
                // Of nibbles the first half of a group meets low ones, the second high ones, and they take turns.
                int vector = !TWeights.AreNibbles ? i : i < Words / 2 ? 2 * i : (2 * (i - (Words / 2))) + 1;
                to[(vector * C) + lane] = from[i];
            }

            for (int i = 0; i < QuantBlocks.GroupSize; i++)
            {
                sum += ((sbyte*)from)[i];
            }

            offsets[lane] = -(sum << TWeights.OffsetBits);
            units[lane] = unit[g];
        }
    }

    /// <summary>In the order of <see cref="Lanes512.Sum"/>.</summary>
    public static void Totals(float* sums, int pairSums, int r, int count, float* y)
    {
        for (int i = 0; i < count; i++)
        {
            float* lanes = sums + (i / 2 * pairSums) + (((2 * r) + (i % 2)) * C);
            y[i] = Lanes256.Sum(Vector256.Load(lanes) + Vector256.Load(lanes + (C / 2)));
        }
    }
}
