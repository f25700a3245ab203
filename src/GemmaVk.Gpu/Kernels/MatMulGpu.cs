using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>
/// Host side of shaders/mat_mul.comp: many tiles of rows. On a GPU INT8 rows go through tiles that a workgroup shares; on a driver that
/// computes on the CPU barriers cost more than they save.
/// </summary>
internal sealed class MatMulGpu(KernelSettings settings) : MatRows<MatMul.Args>(settings, nameof(MatMul), "mat_mul", [.. Tiles])
{
    // Sixteen by sixteen invocations, each with so many weight rows and at most as many activation rows.
    private const uint Lanes = 256;
    private const uint Side = 16;
    private const uint Most = 4;

    public override KernelVariant Variant => Settings.Software
        ? base.Variant
        : new(nameof(MatMul), Tile(DType.Q4), $"{Side * Most} x {Side * Most} tiles in shared memory; {Settings.IntegerDotReason}; a module per format");

    private static IEnumerable<string> Tiles =>
        from dot in (string[])["i8", "dot4"] from format in Formats.Weights where QuantBlocks.HasGroups(format) select $"mat_mul_{Formats.Suffix(format)}_tile_{dot}";

    public override void Record(CommandRecorder recorder, in MatMul.Args args)
    {
        if (Settings.Software || !args.X.Quantised)
        {
            Record(recorder, args.X, args.W, args.Y, args.T, first: 0, Settings.MaxCols);
            return;
        }

        // Few rows do not fill a tile; a smaller one gives them the same bits.
        uint cols = Cols(args.T);
        uint rows = Settings.Tuning.Of(Tile(args.W.Format), cols, new(Most, Lanes)).Rows;
        Record(recorder, args.X, args.W, args.Y, args.T, first: 0, Tile(args.W.Format), new(Lanes, rows, cols, Side * cols, Side * rows));
    }

    /// <summary>What can be measured of a product.</summary>
    public (string Module, uint Cols, ProductForm Usual, ProductForm[] Others) Forms(in Activations x, WeightMatrix w, int T) =>
        Settings.Software || !x.Quantised
            ? SubgroupForms(x, w, Settings.MaxCols)
            : (Tile(w.Format), Cols(T), new(Most, Lanes), [new(1, Lanes), new(2, Lanes), new(8, Lanes)]);

    private static uint Cols(int T) => T <= Side ? 1 : T <= 2 * Side ? 2 : Most;

    private string Tile(DType format) => $"mat_mul_{Formats.Suffix(format)}_tile_{(Settings.IntegerDot ? "dot4" : "i8")}";
}
