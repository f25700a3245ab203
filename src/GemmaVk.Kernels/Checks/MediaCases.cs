using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using static GemmaVk.Kernels.Checks.KernelCases;

namespace GemmaVk.Kernels.Checks;

// Letters: D width of a row, S side of a patch, T rows.

/// <summary>Kernels that pictures go through.</summary>
internal static class MediaCases
{
    public static IEnumerable<KernelCase> All(bool quick)
    {
        foreach ((int rows, int columns, int S) in quick ? [(2, 3, 48)] : ((int, int, int)[])[(1, 1, 2), (2, 3, 48), (5, 7, 4), (9, 17, 8)])
        {
            yield return CutPatches(rows, columns, S);
        }

        foreach ((int R, int D, bool biased) in quick ? [(3, 257, true), (2, 3840, false)] : ((int, int, bool)[])[(1, 1, false), (3, 257, true), (9, 63, true), (17, 3840, false), (5, 6912, true)])
        {
            yield return LayerNorm(R, D, biased);
        }

        foreach ((int rows, int columns, int D) in quick ? [(3, 5, 34)] : ((int, int, int)[])[(1, 1, 2), (3, 5, 34), (1, 1120, 256), (9, 17, 3840)])
        {
            yield return AddPositions(rows, columns, D);
        }

        foreach ((int T, int D, int first) in quick ? [(7, 33, 3)] : ((int, int, int)[])[(1, 1, 0), (7, 33, 3), (67, 3840, 5)])
        {
            yield return PlaceRows(T, D, first);
        }
    }

    private static KernelCase CutPatches(int rows, int columns, int S) => Case(
        nameof(Kernels.CutPatches),
        $"{rows} x {columns} patches of {S}",
        () =>
        {
            byte[] pixels = new byte[rows * columns * S * S * 3];
            new Random(1).NextBytes(pixels);
            float[] levels = [.. Enumerable.Range(0, 256).Select(level => level / 255f)];
            float[] y = new float[pixels.Length];
            Kernels.CutPatches.Reference(pixels, levels, y, rows, columns, S);
            return (Pixels: pixels, Levels: levels, Y: y);
        },
        (buffers, o) =>
        {
            BufferHandle pixels = buffers.Bytes(o.Pixels), levels = buffers.Floats(o.Levels), y = buffers.Empty(DType.F32, o.Y.Length);
            return new(pass => pass.CutPatches(new(pixels, levels, y, rows, columns, S)), CheckedResult.Close("y", y, o.Y, default));
        });

    private static KernelCase LayerNorm(int R, int D, bool biased) => Case(
        nameof(Kernels.LayerNorm),
        $"{R} rows of {D}{(biased ? " with input bias" : "")}",
        () =>
        {
            float[] x = DrawnValues.Of(R * D, 1), w = DrawnValues.Of(D, 2), b = DrawnValues.Of(D, 3);
            float[]? bias = biased ? DrawnValues.Of(D, 4) : null;
            float[] y = new float[R * D];
            Kernels.LayerNorm.Reference(x, bias, w, b, y, R, D, 1e-5f);
            return (X: x, W: w, B: b, Bias: bias, Y: y, Sizes: TermSizes.LayerNorm(x, bias, w, b, R, D, 1e-5f));
        },
        (buffers, o) =>
        {
            BufferHandle? bias = o.Bias is null ? null : buffers.Floats(o.Bias);
            BufferHandle x = buffers.Floats(o.X), w = buffers.Floats(o.W), b = buffers.Floats(o.B), y = buffers.Empty(DType.F32, o.Y.Length);
            return new(pass => pass.LayerNorm(new(x, bias, w, b, y, R, D, 1e-5f)), CheckedResult.Close("y", y, o.Y, Tolerances.LayerNorm, o.Sizes));
        });

    private static KernelCase AddPositions(int rows, int columns, int D) => Case(
        nameof(Kernels.AddPositions),
        $"{rows} x {columns} patches, {D}",
        () =>
        {
            float[] before = DrawnValues.Of(rows * columns * D, 1), x = [.. before];
            ushort[] table = Array.ConvertAll(DrawnValues.Of(Math.Max(rows, columns) * 2 * D, 2), BFloat16.FromSingle);
            Kernels.AddPositions.Reference(x, table, rows, columns, D);
            return (Before: before, Table: table, X: x);
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.Before), table = buffers.BFloat16s(o.Table);
            return new(pass => pass.AddPositions(new(x, table, rows, columns, D)), CheckedResult.Close("x", x, o.X, Tolerances.AddPositions, 24));
        });

    private static KernelCase PlaceRows(int T, int D, int first) => Case(
        nameof(Kernels.PlaceRows),
        $"{T} rows of {D} at {first}",
        () =>
        {
            float[] rows = DrawnValues.Of(T * D, 1), before = DrawnValues.Of((first + T + 1) * D, 2), x = [.. before];
            Kernels.PlaceRows.Reference(rows, x, T, D, first);
            return (Rows: rows, Before: before, X: x);
        },
        (buffers, o) =>
        {
            BufferHandle rows = buffers.Floats(o.Rows), x = buffers.Floats(o.Before);
            return new(pass => pass.PlaceRows(new(rows, x, T, D, first)), CheckedResult.Close("x", x, o.X, default));
        });
}
