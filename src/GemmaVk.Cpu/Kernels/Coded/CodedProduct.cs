using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: T rows, K columns.

/// <summary>Picks the microkernel for a product with INT8 activations, by path, weights and rows.</summary>
internal static class CodedProduct
{
    // Rows from which machine code is faster.
    private const int LeastRows = 1;

    // Rows from which the larger tiles are worth repacking weights for.
    private const int LeastTileRows = 16;

    /// <summary>Runs the product, if there is code for it that is worth a call.</summary>
    public static bool TryRun(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
    {
        bool bytes = w.Format is DType.Q8 or DType.Q8F16;
        if (!bytes && w.Format is not (DType.Q4 or DType.Q4F16))
        {
            return false;
        }

        // The intrinsics have AVX-VNNI's narrower vectors for bytes, and add in another order: there each T takes the code.
        bool alone = bytes && AvxVnni.IsSupported && code.Path is (CodePath.Avx512Vnni or CodePath.Amx);
        if (T < LeastRows && !alone)
        {
            return false;
        }

        switch (code.Path)
        {
            case CodePath.Amx when T >= LeastTileRows && w.K <= TileProduct.MostColumns:
                TileProduct.Run(pool, scratch, code, source, w, y, T);
                break;
            case CodePath.Avx512Vnni when !Lanes512.IsSupported:
                Narrow(pool, scratch, code, source, w, y, T);
                break;
            case CodePath.Amx or CodePath.Avx512Vnni:
                Run<Lanes512, Vector512<float>, Vector512<byte>>(pool, scratch, code, source, w, y, T);
                break;
            case CodePath.AvxVnni or CodePath.AvxVnniInt8:
                Run<Lanes256, Vector256<float>, Vector256<byte>>(pool, scratch, code, source, w, y, T);
                break;
            case CodePath.I8mm:
                Matrices(pool, scratch, code, source, w, y, T);
                break;
            default:
                Run<Lanes128, Vector128<float>, Vector128<byte>>(pool, scratch, code, source, w, y, T);
                break;
        }

        return true;
    }

    private static void Run<L, TF, TB>(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        switch (w.Format)
        {
            case DType.Q4:
                CodeProduct.Run<DotCodeTile<L, TF, TB, NibbleWeights, Brains>>(pool, scratch, code, source, w, y, T);
                break;
            case DType.Q4F16:
                CodeProduct.Run<DotCodeTile<L, TF, TB, NibbleWeights, Halfs>>(pool, scratch, code, source, w, y, T);
                break;
            case DType.Q8:
                CodeProduct.Run<DotCodeTile<L, TF, TB, ByteWeights, Brains>>(pool, scratch, code, source, w, y, T);
                break;
            default:
                CodeProduct.Run<DotCodeTile<L, TF, TB, ByteWeights, Halfs>>(pool, scratch, code, source, w, y, T);
                break;
        }
    }

    private static void Narrow(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
    {
        switch (w.Format)
        {
            case DType.Q4:
                CodeProduct.Run<NarrowPackedTile<NibbleWeights, Brains>>(pool, scratch, code, source, w, y, T);
                break;
            case DType.Q4F16:
                CodeProduct.Run<NarrowPackedTile<NibbleWeights, Halfs>>(pool, scratch, code, source, w, y, T);
                break;
            case DType.Q8:
                CodeProduct.Run<NarrowPackedTile<ByteWeights, Brains>>(pool, scratch, code, source, w, y, T);
                break;
            default:
                CodeProduct.Run<NarrowPackedTile<ByteWeights, Halfs>>(pool, scratch, code, source, w, y, T);
                break;
        }
    }

    private static void Matrices(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
    {
        switch (w.Format)
        {
            case DType.Q4:
                CodeProduct.Run<MatrixCodeTile<NibbleWeights, Brains>>(pool, scratch, code, source, w, y, T);
                break;
            case DType.Q4F16:
                CodeProduct.Run<MatrixCodeTile<NibbleWeights, Halfs>>(pool, scratch, code, source, w, y, T);
                break;
            case DType.Q8:
                CodeProduct.Run<MatrixCodeTile<ByteWeights, Brains>>(pool, scratch, code, source, w, y, T);
                break;
            default:
                CodeProduct.Run<MatrixCodeTile<ByteWeights, Halfs>>(pool, scratch, code, source, w, y, T);
                break;
        }
    }
}
