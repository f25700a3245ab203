using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>
/// Host side of shaders/mat_mul.comp: many tiles of rows. On a GPU rows go through tiles that a workgroup shares, on matrix units where there
/// are some; on a driver that computes on the CPU barriers cost more than they save.
/// </summary>
internal sealed class MatMulGpu(KernelSettings settings) : MatRows<MatMul.Args>(settings, nameof(MatMul), "mat_mul", [], [.. Tiles])
{
    // Sixteen by sixteen invocations, each with so many weight rows and at most as many activation rows.
    private const uint Lanes = 256;
    private const uint Side = 16;
    private const uint Most = 4;

    private readonly MatMulMatrixGpu matrix = new(settings);
    private readonly MatMulHalvesGpu halves = new(settings);

    /// <summary>The forms on matrix units, of bytes and of halves.</summary>
    public IGpuKernel Matrix => matrix;

    /// <summary>INT8 rows are multiplied as halves here.</summary>
    public bool InHalves => halves.Does(DType.Q4, quantised: true);

    public override KernelVariant Variant =>
        InHalves ? halves.Variant
        : matrix.Usual(DType.Q4, Most) is not null ? matrix.Variant
        : Settings.Software ? base.Variant
        : new(nameof(MatMul), Tile(DType.Q4, quantised: true), $"{Side * Most} x {Side * Most} tiles in shared memory; {Settings.IntegerDotReason}; a module per format");

    private static IEnumerable<string> Tiles =>
        [
            .. from dot in (string[])["i8", "dot4"] from format in Formats.Weights where QuantBlocks.HasGroups(format) select $"mat_mul_{Formats.Suffix(format)}_tile_{dot}",
            .. from format in Formats.Weights select $"mat_mul_{Formats.Suffix(format)}_tile",
        ];

    public override void Record(CommandRecorder recorder, in MatMul.Args args)
    {
        (DType format, bool quantised) = (args.W.Format, args.X.Quantised);
        if (halves.Does(format, quantised))
        {
            (string name, uint size, ProductForm first) = Halves(format, quantised, args.T, args.W.N);
            ProductForm taken = Settings.Tuning.Of(name, size, first);
            MatrixTile part = halves.Tile(taken, format, quantised) ?? halves.Tile(first, format, quantised)!;
            Record(recorder, args.X, args.W, args.Y, args.T, first: 0, name, new(part.Constants((uint)Settings.Device.Features.SubgroupSize), part.T, part.N));
            return;
        }

        // Few rows do not fill a tile; a smaller one gives them the same bits.
        uint cols = Cols(args.T);
        (string module, ProductForm usual) = Usual(format, quantised, cols);
        ProductForm form = Settings.Tuning.Of(module, cols, usual);
        if (form.Matrix && quantised && (matrix.Tile(form, format, cols) ?? matrix.Tile(usual, format, cols)) is { } tile)
            Record(recorder, args.X, args.W, args.Y, args.T, first: 0, MatMulMatrixGpu.Module(format), new(tile.Constants((uint)Settings.Device.Features.SubgroupSize), tile.T, tile.N));
        else if (Settings.Software)
            Record(recorder, args.X, args.W, args.Y, args.T, first: 0, Settings.MaxCols);
        else
            Record(recorder, args.X, args.W, args.Y, args.T, first: 0, Tile(format, quantised), Plain(form.Matrix ? new(Most, Lanes) : form, cols));
    }

    /// <summary>What can be measured of a product: forms that give the same bits.</summary>
    public (string Module, uint Cols, ProductForm Usual, ProductForm[] Others) Forms(in Activations x, WeightMatrix w, int T)
    {
        if (halves.Does(w.Format, x.Quantised))
        {
            (string name, uint size, ProductForm first) = Halves(w.Format, x.Quantised, T, w.N);
            return (name, size, first, halves.Forms(w.Format, x.Quantised, size));
        }

        uint cols = Cols(T);
        (string module, ProductForm usual) = Usual(w.Format, x.Quantised, cols);
        ProductForm[] onMatrices = x.Quantised ? matrix.Forms(w.Format, cols) : [];
        ProductForm[] plain = [new(Most, Lanes), new(1, Lanes), new(2, Lanes), new(8, Lanes)];
        if (onMatrices.Length > 0 && Settings.Software)
            return (module, cols, usual, onMatrices);
        return Settings.Software ? SubgroupForms(x, w, Settings.MaxCols) : (module, cols, usual, [.. onMatrices, .. plain]);
    }

    // INT8 rows have the same bits with and without units for bytes, so one name stands for both, and measuring chooses.
    private (string Module, ProductForm Usual) Usual(DType format, bool quantised, uint cols) => quantised && matrix.Usual(format, cols) is { } usual
        ? (!Settings.Software ? Tile(format, quantised) : MatMulMatrixGpu.Module(format), usual)
        : (Tile(format, quantised), new(Most, Lanes));

    private (string Module, uint Size, ProductForm Usual) Halves(DType format, bool quantised, int T, int N)
    {
        uint size = MatrixHalvesTiles.Size(T, N);
        return (MatMulHalvesGpu.Module(format, quantised), size, halves.Usual(format, quantised, size)!.Value);
    }

    private static MatTile Plain(ProductForm form, uint cols) => new([Lanes, form.Rows, cols], Side * cols, Side * form.Rows);

    private static uint Cols(int T) => T <= Side ? 1 : T <= 2 * Side ? 2 : Most;

    private string Tile(DType format, bool quantised) => $"mat_mul_{Formats.Suffix(format)}_tile{(quantised ? Settings.IntegerDot ? "_dot4" : "_i8" : "")}";
}
