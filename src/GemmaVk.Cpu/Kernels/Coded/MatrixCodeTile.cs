using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.MachineCode.Arm;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: C = 4 groups of a block, r row of the block.

/// <summary>Q4 or Q8 weights with INT8 activations in the layout of <see cref="NeonMatrixKernel"/>, which takes rows of x in pairs.</summary>
internal readonly unsafe struct MatrixCodeTile<TWeights, TScales> : ICodeTile
    where TWeights : struct, IDotWeights
    where TScales : struct, IScaleKind
{
    private const int C = NeonDotKernel.C;

    public static int Groups => C;

    public static int GroupBytes => TWeights.GroupBytes;

    public static int PackedBytes => NeonMatrixKernel.PairBytes / 2;

    public static int RowStep => 2;

    public static Microkernel Kernel(ProductCode code) => code.Dot(TWeights.AreNibbles, TScales.AreHalfs);

    public static void Pack(sbyte* q, float* unit, int r, byte* packed)
    {
        packed += r / 2 * NeonMatrixKernel.PairBytes;
        int row = r % 2;
        float* units = (float*)(packed + (C * 2 * QuantBlocks.GroupSize));
        for (int g = 0; g < C; g++)
        {
            for (int i = 0; i < 4; i++)
            {
                ((long*)packed)[(((4 * g) + i) * 2) + row] = ((long*)q)[(4 * g) + i];
            }

            units[(4 * g) + row] = unit[g];
            units[(4 * g) + 2 + row] = unit[g];
        }
    }

    /// <summary>In the order of <see cref="Simd.Lanes128.Sum"/>.</summary>
    public static void Totals(float* sums, int pairSums, int r, int count, float* y)
    {
        for (int i = 0; i < count; i++)
        {
            float* lanes = sums + (i / 2 * pairSums) + (r / 2 * 4 * C) + (2 * (i % 2)) + (r % 2);
            y[i] = (lanes[0] + lanes[8]) + (lanes[4] + lanes[12]);
        }
    }
}
