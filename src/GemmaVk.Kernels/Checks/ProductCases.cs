using System;
using System.Collections.Generic;
using GemmaVk.Tensors;
using static GemmaVk.Kernels.Checks.KernelCases;

namespace GemmaVk.Kernels.Checks;

// Letters: T rows in this pass, N outputs, K inputs.

/// <summary>Rounding of rows to INT8, and products with weights of every format.</summary>
internal static class ProductCases
{
    /// <summary>Formats of weights with the rows that they meet.</summary>
    internal static readonly (DType Format, bool Quantised)[] Kinds =
    [
        (DType.F32, false), (DType.BF16, false), (DType.F8E4M3, false), (DType.Q8, false), (DType.Q4, false), (DType.Q8, true), (DType.Q4, true),
        (DType.Q4F16, false), (DType.Q4F16, true), (DType.Q8F16, false), (DType.Q8F16, true),
        (DType.Q4K, false), (DType.Q4K, true), (DType.Q5K, false), (DType.Q5K, true), (DType.Q6K, false), (DType.Q6K, true),
    ];

    public static IEnumerable<KernelCase> All(bool quick)
    {
        foreach ((int T, int K) in quick ? [(3, 96)] : ((int, int)[])[(1, 32), (3, 96), (17, 3840), (33, 224)])
        {
            yield return QuantizeRows(DType.Q4, T, K);
            yield return QuantizeRows(DType.Q8, T, K);
        }

        foreach ((DType format, bool quantised) in Kinds)
        {
            foreach ((int T, int N, int K) in quick ? [(1, 33, 544), (8, 17, 224)] : ((int, int, int)[])[(1, 33, 544), (1, 5, 3840), (2, 17, 1056), (3, 64, 288), (4, 97, 256), (5, 1, 32), (7, 3, 640), (8, 17, 224), (8, 64, 1024)])
            {
                yield return Product(nameof(MatVec), format, quantised, T, N, K);
            }

            foreach ((int T, int N, int K) in quick ? [(13, 33, 288)] : ((int, int, int)[])[(9, 1, 32), (13, 33, 288), (16, 64, 544), (33, 17, 224), (67, 97, 256)])
            {
                yield return Product(nameof(MatMul), format, quantised, T, N, K);
            }
        }
    }

    private static KernelCase QuantizeRows(DType format, int T, int K) => Case(
        nameof(Kernels.QuantizeRows),
        $"{T} rows of {K} for {format}",
        () =>
        {
            float[] x = DrawnValues.Of(T * K, 1, 9);
            x.AsSpan(0, QuantBlocks.GroupSize).Clear();
            return (X: x, Rows: OperandBuffers.Quantise(x, format, T, K));
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.X);
            Activations rows = new(buffers.Empty(DType.I8, T * K), buffers.Empty(DType.F32, T * K / 32), buffers.Empty(DType.F32, T * K / 32));
            return new(
                pass => pass.QuantizeRows(new(x, rows, format, T, K)),
                new CheckedResult("q", rows.Data, read => Steps.Near(o.Rows.Q, read.Read<sbyte>(rows.Data))),
                CheckedResult.Close("d", rows.Scale!, o.Rows.D, Tolerances.QuantizeRows),
                new CheckedResult("sum", rows.Sum!, read => Steps.Sums(read.Read<sbyte>(rows.Data), read.Read(rows.Scale!), read.Read(rows.Sum!))));
        });

    private static KernelCase Product(string kernel, DType format, bool quantised, int T, int N, int columns) => Product(kernel, format, quantised, (T, N), OperandBuffers.Whole(format, columns));

    private static KernelCase Product(string kernel, DType format, bool quantised, (int T, int N) rows, int K) => Case(
        kernel,
        $"{format} {rows.N} x {K}, T {rows.T}{(quantised ? ", INT8 rows" : "")}",
        () =>
        {
            (int T, int N) = rows;
            RandomMatrix matrix = new(format, N, K, 1);
            float[] x = DrawnValues.Of(T * K, 2);
            return (Matrix: matrix, X: x, Expected: ExpectedProduct.Of(matrix, x, T, quantised));
        },
        (buffers, o) =>
        {
            (int T, int N) = rows;
            WeightMatrix w = buffers.Place(o.Matrix);
            Activations x = buffers.Rows(o.X, quantised, format, T, K);
            BufferHandle y = buffers.Empty(DType.F32, T * N);
            CheckedResult Within(Tolerance tolerance) => CheckedResult.Close("y", y, o.Expected.Values, tolerance, o.Expected.Sizes);
            return kernel == nameof(MatVec)
                ? new(pass => pass.MatVec(new(x, w, y, T)), Within(o.Expected.Tolerance))
                : new(pass => pass.MatMul(new(x, w, y, T)), Within(Tolerances.ProductOn(buffers.Backend, format, quantised)));
        });
}
