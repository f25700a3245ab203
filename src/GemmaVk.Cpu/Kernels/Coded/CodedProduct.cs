using System.Collections.Generic;
using System.Runtime.Intrinsics;
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
    // Rows from which the larger tiles are worth repacking weights for.
    private const int LeastTileRows = 16;

    /// <summary>The products of each format, by the layout that packed rows have; a format without code in a layout has none there.</summary>
    private static readonly Dictionary<DType, Products> Formats = new()
    {
        [DType.Q4] = Groups<NibbleWeights, Brains>(),
        [DType.Q4F16] = Groups<NibbleWeights, Halfs>(),
        [DType.Q8] = Groups<ByteWeights, Brains>(),
        [DType.Q8F16] = Groups<ByteWeights, Halfs>(),
        [DType.Q4K] = Blocks<Q4KWeights>(),
        [DType.Q5K] = Blocks<Q5KWeights>(),
        [DType.Q6K] = Blocks<Q6KWeights>(),
    };

    private delegate void Product(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T);

    /// <summary>Runs the product, if there is code for it.</summary>
    public static bool TryRun(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
    {
        if (!Formats.TryGetValue(w.Format, out Products products))
        {
            return false;
        }

        Product? product = code.Path switch
        {
            CodePath.Amx when T >= LeastTileRows && w.K <= TileProduct.MostColumns => products.Tiles ?? products.Wide,
            CodePath.Avx512Vnni when !Lanes512.IsSupported => products.Narrow,
            CodePath.Amx or CodePath.Avx512Vnni => products.Wide,
            CodePath.AvxVnni or CodePath.AvxVnniInt8 => products.Half,
            CodePath.I8mm => products.Matrices,
            _ => products.Quarter,
        };
        product?.Invoke(pool, scratch, code, source, w, y, T);
        return product is not null;
    }

    private static Products Groups<TWeights, TScales>()
        where TWeights : struct, IDotWeights
        where TScales : struct, IScaleKind => new()
        {
            Tiles = TileProduct.Run,
            Wide = CodeProduct.Run<DotCodeTile<Lanes512, Vector512<float>, Vector512<byte>, TWeights, TScales>>,
            Narrow = CodeProduct.Run<NarrowPackedTile<TWeights, TScales>>,
            Half = CodeProduct.Run<DotCodeTile<Lanes256, Vector256<float>, Vector256<byte>, TWeights, TScales>>,
            Quarter = CodeProduct.Run<DotCodeTile<Lanes128, Vector128<float>, Vector128<byte>, TWeights, TScales>>,
            Matrices = CodeProduct.Run<MatrixCodeTile<TWeights, TScales>>,
        };

    private static Products Blocks<TWeights>()
        where TWeights : struct, IKWeights => new()
        {
            Wide = CodeProduct.Run<KCodeTile<TWeights>>,
            Narrow = CodeProduct.Run<KCodeTile<TWeights>>,
        };

    private readonly record struct Products
    {
        /// <summary>Tiles of AMX.</summary>
        public Product? Tiles { get; init; }

        /// <summary>512 bits.</summary>
        public Product? Wide { get; init; }

        /// <summary>The same instructions, from code that was compiled for less.</summary>
        public Product? Narrow { get; init; }

        /// <summary>256 bits.</summary>
        public Product? Half { get; init; }

        /// <summary>128 bits.</summary>
        public Product? Quarter { get; init; }

        /// <summary>Matrices of Arm.</summary>
        public Product? Matrices { get; init; }
    }
}
