using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/mat_vec.comp: tiles of rows no wider than they must be.</summary>
internal sealed class MatVecGpu(KernelSettings settings) : MatRows<MatVec.Args>(settings, nameof(MatVec), "mat_vec", ["Ahead"], [])
{
    // Matrices with fewer outputs have too few subgroups to keep a GPU's memory busy by their number alone.
    private const int Narrow = 12288;

    // What a lane of a GPU has registers for: sums, and words of weights on their way.
    private const uint MostSums = 32;
    private const uint MostWords = 8;

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

    /// <summary>The shader's Ahead: two orders of sums are told apart by whether it is 0, and a device has one of them.</summary>
    public uint Ahead(ProductForm form) => Settings.Software ? 0 : Math.Max(1, form.Ahead);

    /// <inheritdoc/>
    protected override uint[] Constants(ProductForm form, uint cols) => [.. base.Constants(form, cols), Ahead(form)];

    /// <inheritdoc/>
    protected override string Measured(in Activations x, WeightMatrix w) => base.Measured(x, w) + (IsNarrow(w) ? " narrow" : "");

    /// <inheritdoc/>
    protected override ProductForm Usual(WeightMatrix w, uint cols) =>
        Settings.Software ? base.Usual(w, cols)
        : !IsNarrow(w) ? base.Usual(w, cols) with { Ahead = 1 }
        : cols == 1 ? base.Usual(w, cols) with { Rows = 2, Ahead = 4 }
        : base.Usual(w, cols) with { Ahead = 2 };

    /// <inheritdoc/>
    protected override IEnumerable<ProductForm> Forms(uint cols) => Settings.Software
        ? base.Forms(cols)
        : from rows in (uint[])[1, 2, 4]
          where rows * cols <= MostSums
          from ahead in (uint[])[1, 2, 4]
          where rows * ahead <= MostWords
          from size in (uint[])[64, 128]
          where size >= Settings.Device.Features.SubgroupSize
          select new ProductForm(rows, size, Ahead: ahead);

    private bool IsNarrow(WeightMatrix w) => !Settings.Software && w.N < Narrow;

    private uint Cols(int T) => Math.Min(Settings.MaxCols, BitOperations.RoundUpToPowerOf2((uint)T));
}
