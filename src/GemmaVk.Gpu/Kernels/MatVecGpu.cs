using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/mat_vec.comp: tiles of rows no wider than they must be.</summary>
internal sealed class MatVecGpu(KernelSettings settings) : MatRows<MatVec.Args>(settings, nameof(MatVec), "mat_vec", ["Ahead", "Split"], [])
{
    // Matrices with fewer outputs have too few subgroups to keep a GPU's memory busy by their number alone: their sums are in four pieces, which subgroups can share.
    private const int Narrow = 12288;
    private const uint Pieces = 4;
    private const int Few = 4096;

    // What a lane of a GPU has registers for: sums, and words of weights on their way.
    private const uint MostSums = 32;
    private const uint MostWords = 8;

    // Of a workgroup, on every device.
    private const uint MostInvocations = 256;

    public override void Record(CommandRecorder recorder, in MatVec.Args args)
    {
        if (args.T is < 1 or > MatVec.MaxRows)
            throw new ArgumentException($"MatVec takes 1 to {MatVec.MaxRows} rows, {args.T} were given");
        Record(recorder, args.X, args.W, args.Y, args.T, args.First, Cols(args.T));
    }

    /// <summary>What can be measured of a product.</summary>
    public (string Module, uint Cols, ProductForm Usual, ProductForm[] Others) Forms(in Activations x, WeightMatrix w, int T) => SubgroupForms(x, w, Cols(T));

    /// <summary>How products are cut, for kernels that make several at once, with so many outputs together.</summary>
    public MatTile Tile(in Activations x, WeightMatrix w, int T, long outputs) => SubgroupTile(x, w, Cols(T), outputs);

    /// <summary>The shader's Ahead: two orders of sums are told apart by whether it is 0, and a device has one of them.</summary>
    public uint Ahead(ProductForm form) => Settings.Software ? 0 : Math.Max(1, form.Ahead);

    /// <summary>The shader's Split: 0 for sums that are one chain. Which matrices have those never depends on a form or on T, since it changes bits.</summary>
    public uint Split(ProductForm form, long N) => IsNarrow(N) ? form.Split : 0;

    /// <summary>Whether so many outputs are few for the device.</summary>
    public bool IsNarrow(long outputs) => !Settings.Software && outputs < Narrow;

    /// <inheritdoc/>
    protected override uint[] Constants(ProductForm form, uint cols, WeightMatrix w) => [.. base.Constants(form, cols, w), Ahead(form), Split(form, w.N)];

    /// <inheritdoc/>
    protected override bool Takes(ProductForm form, uint cols) =>
        form.Split == 1
        || (!Settings.Software && form.LocalSize >= form.Split * Settings.Device.Features.SubgroupSize && SharedBytes(form, cols) <= Settings.Device.Features.MaxSharedMemory);

    /// <inheritdoc/>
    protected override string Measured(in Activations x, WeightMatrix w, long outputs) => base.Measured(x, w, outputs) + (IsNarrow(outputs) ? " narrow" : "");

    /// <inheritdoc/>
    /// <remarks>
    /// As measured on an H100 (132 multiprocessors) for INT4 and INT8 weights: the fewer outputs, the fewer rows of a subgroup, so that there are
    /// enough of them. Rows of floats take more words of x than of weights, so that a load of x has to serve several rows.
    /// </remarks>
    protected override ProductForm Usual(in Activations x, long outputs, uint cols) =>
        Settings.Software ? base.Usual(x, outputs, cols)
        : !x.Quantised && cols >= 4 ? new(4, 64, Ahead: IsNarrow(outputs) ? 2u : 1u)
        : (IsNarrow(outputs), cols) switch
        {
            (true, 1) when outputs <= Few => new(1, 128, Ahead: 4),
            (_, 1) => new(2, 64, Ahead: 4),
            (true, 2) when outputs <= Few => new(1, 64, Ahead: 4),
            (true, 8) => new(4, 64, Ahead: 2),
            _ => new(2, 64, Ahead: 2),
        };

    /// <inheritdoc/>
    protected override IEnumerable<ProductForm> Forms(uint cols, long outputs) => Settings.Software ? base.Forms(cols, outputs) : IsNarrow(outputs) ? [.. Whole(cols), .. Shared(cols)] : Whole(cols);

    private IEnumerable<ProductForm> Whole(uint cols) =>
        from rows in (uint[])[1, 2, 4]
        where rows * cols <= MostSums
        from ahead in (uint[])[1, 2, 4]
        where rows * ahead <= MostWords
        from size in (uint[])[64, 128]
        where size >= Settings.Device.Features.SubgroupSize
        select new ProductForm(rows, size, Ahead: ahead);

    // More rows of a tile would take back what sharing it gives, and so few rounds are left of a row that more of them ahead are none.
    private IEnumerable<ProductForm> Shared(uint cols) =>
        from rows in (uint[])[1, 2]
        where rows * cols <= MostSums
        from split in (uint[])[2, Pieces]
        let size = Math.Max(128, split * (uint)Settings.Device.Features.SubgroupSize)
        where size <= MostInvocations
        select new ProductForm(rows, size, Ahead: 2, Split: split);

    // As declared in shaders/include/mat_split.glsl.
    private static long SharedBytes(ProductForm form, uint cols) => sizeof(float) * (((Pieces - (Pieces / form.Split)) * (form.LocalSize / form.Split) * form.Rows * cols) + 1);

    private uint Cols(int T) => Math.Min(Settings.MaxCols, BitOperations.RoundUpToPowerOf2((uint)T));
}
