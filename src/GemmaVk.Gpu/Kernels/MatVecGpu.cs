using System;
using System.Numerics;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/mat_vec.comp: tiles of rows no wider than they must be.</summary>
internal sealed class MatVecGpu(KernelSettings settings) : MatRows<MatVec.Args>(settings, nameof(MatVec), "mat_vec", [])
{
    public override void Record(CommandRecorder recorder, in MatVec.Args args)
    {
        if (args.T is < 1 or > MatVec.MaxRows)
            throw new ArgumentException($"MatVec takes 1 to {MatVec.MaxRows} rows, {args.T} were given");
        Record(recorder, args.X, args.W, args.Y, args.T, args.First, Cols(args.T));
    }

    /// <summary>What can be measured of a product.</summary>
    public (string Module, uint Cols, ProductForm Usual, ProductForm[] Others) Forms(in Activations x, WeightMatrix w, int T) => SubgroupForms(x, w, Cols(T));

    /// <summary>How a product is cut, for kernels that make several at once.</summary>
    public MatTile Tile(in Activations x, WeightMatrix w, int T) => SubgroupTile(x, w, Cols(T));

    private uint Cols(int T) => Math.Min(Settings.MaxCols, BitOperations.RoundUpToPowerOf2((uint)T));
}
