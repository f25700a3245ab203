using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using static GemmaVk.Kernels.Checks.KernelCases;

namespace GemmaVk.Kernels.Checks;

// Letters: T rows in this pass, D hidden size, F FFN size, N outputs, C inputs, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>Kernels that fuse several, against the references of those.</summary>
internal static class FusedCases
{
    private const float Eps = 1e-6f;

    public static IEnumerable<KernelCase> All(bool quick)
    {
        foreach ((DType format, bool quantised) in ProductCases.Kinds)
        {
            foreach ((int T, int q, int k, int v, int C) in quick ? [(1, 40, 17, 5, 256)] : ((int, int, int, int, int)[])[(1, 128, 64, 64, 544), (3, 33, 5, 0, 256), (8, 40, 17, 5, 288)])
            {
                yield return Qkv(format, quantised, T, (q, k, v), OperandBuffers.Whole(format, C));
            }

            foreach ((int T, int F, int C) in quick ? [(1, 64, 256)] : ((int, int, int)[])[(1, 96, 544), (3, 32, 256), (8, 64, 288)])
            {
                yield return Gate(format, quantised, T, F, OperandBuffers.Whole(format, C));
            }
        }

        foreach ((int T, int D) in quick ? [(2, 3840)] : ((int, int)[])[(1, 32), (3, 224), (8, 3840), (17, 640)])
        {
            yield return Norm(T, D, T % 2 == 0 ? DType.Q8 : DType.Q4);
        }

        foreach (DType format in (DType[])[DType.F16, DType.Q8, DType.F32])
        {
            foreach (bool valuesOnly in (bool[])[false, true])
            {
                foreach ((int T, int H, int K, int W, int R) in quick ? [(3, 4, 2, 64, 5)] : ((int, int, int, int, int)[])[(1, 2, 1, 32, 1), (3, 4, 2, 64, 5), (8, 16, 8, 256, 16), (2, 16, 1, 512, 40)])
                {
                    yield return Append(format, valuesOnly, T, (H, K, W), R);
                }
            }

            foreach ((int T, int H, int K, int W, int start, int window) in quick ? [(2, 4, 1, 64, 300, 0)] : ((int, int, int, int, int, int)[])[(1, 2, 1, 32, 0, 0), (3, 4, 2, 32, 200, 100), (2, 16, 8, 256, 700, 256), (2, 16, 1, 512, 1300, 0)])
            {
                yield return Attention(format, T, H, K, W, start, window, valuesOnly: false);
            }

            yield return Attention(format, 2, quick ? 4 : 16, 1, 64, 301, 0, valuesOnly: true);
        }
    }

    private static KernelCase Qkv(DType format, bool quantised, int T, (int Q, int K, int V) N, int C) => Case(
        nameof(MatVecQkv),
        $"{format} {N.Q} + {N.K} + {N.V} x {C}, T {T}{(quantised ? ", INT8 rows" : "")}",
        () =>
        {
            float[] x = DrawnValues.Of(T * C, 2);
            RandomMatrix[] matrices = [.. new[] { N.Q, N.K, N.V }.Where(n => n > 0).Select((n, i) => new RandomMatrix(format, n, C, i))];
            return (X: x, Matrices: matrices, Expected: (ExpectedProduct[])[.. matrices.Select(matrix => ExpectedProduct.Of(matrix, x, T, quantised))]);
        },
        (buffers, o) =>
        {
            Activations x = buffers.Rows(o.X, quantised, format, T, C);
            WeightMatrix[] w = [.. o.Matrices.Select(buffers.Place)];
            BufferHandle[] y = [.. ((int[])[N.Q, N.K, Math.Max(1, N.V)]).Select(n => buffers.Empty(DType.F32, T * n))];
            return new(
                pass => pass.MatVecQkv(new(x, w[0], w[1], w.Length > 2 ? w[2] : null, y[0], y[1], y[2], T)),
                [.. o.Expected.Select((expected, i) => CheckedResult.Close("qkv"[i].ToString(), y[i], expected.Values, Tolerances.MatVecQkv(format, quantised), expected.Sizes))]);
        });

    private static KernelCase Gate(DType format, bool quantised, int T, int F, int C) => Case(
        nameof(MatVecGeGlu),
        $"{format} 2 x {F} x {C}, T {T}{(quantised ? ", INT8 rows" : "")}",
        () =>
        {
            float[] x = DrawnValues.Of(T * C, 2, 0.2f);
            (RandomMatrix gate, RandomMatrix up) = (new(format, F, C, 1), new(format, F, C, 3));
            return (X: x, Gate: gate, Up: up, Expected: ExpectedGate.Of(gate, up, x, T, quantised));
        },
        (buffers, o) =>
        {
            Activations x = buffers.Rows(o.X, quantised, format, T, C);
            (WeightMatrix gate, WeightMatrix up) = (buffers.Place(o.Gate), buffers.Place(o.Up));
            (BufferHandle g, BufferHandle u) = (buffers.Empty(DType.F32, T * F), buffers.Empty(DType.F32, T * F));
            Activations y = quantised ? buffers.EmptyRows(T * F) : new Activations(g);
            DType next = T % 2 == 0 ? DType.Q8 : DType.Q4;
            return new(
                pass => pass.MatVecGeGlu(new(x, gate, up, g, u, y, next, T)),
                quantised
                    ? CheckedResult.Rounded("y", y, o.Expected.Values, next, Tolerances.MatVecGeGlu, o.Expected.Allowed)
                    : CheckedResult.Close("y", y.Data, o.Expected.Values, Tolerances.MatVecGeGlu, o.Expected.Allowed));
        });

    private static KernelCase Norm(int T, int D, DType next) => Case(
        nameof(AddRmsNormQuantize),
        $"{T} rows of {D} for {next}",
        () =>
        {
            float[] before = DrawnValues.Of(T * D, 1), x = [.. before], y = DrawnValues.Of(T * D, 2, 7), post = DrawnValues.Of(D, 3), norm = DrawnValues.Of(D, 4), a = new float[T * D];
            AddRmsNorm.Reference(x, y, post, 0.7f, norm, a, T, D, Eps);
            return (Before: before, X: x, Y: y, Post: post, Norm: norm, A: a, Size: Math.Max(x.Max(MathF.Abs), 1), Sizes: TermSizes.AddRmsNorm(x, T, D));
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.Before), y = buffers.Floats(o.Y), post = buffers.Floats(o.Post), norm = buffers.Floats(o.Norm), a = buffers.Empty(DType.F32, T * D);
            Activations rows = buffers.EmptyRows(T * D);
            return new(
                pass => pass.AddRmsNormQuantize(new(new(x, y, post, 0.7f, norm, a, T, D, Eps), rows, next)),
                CheckedResult.Close("x", x, o.X, Tolerances.AddRmsNormQuantize, o.Size),
                CheckedResult.Close("a", a, o.A, Tolerances.AddRmsNormQuantize, o.Sizes),
                CheckedResult.Rounded("rows", rows, o.A, next, Tolerances.AddRmsNormQuantize, o.Sizes));
        });

    private static KernelCase Append(DType format, bool valuesOnly, int T, (int H, int K, int W) heads, int R) => Case(
        nameof(RmsNormRopeAppend),
        $"{format}{(valuesOnly ? " values" : "")} {heads.H}/{heads.K} heads of {heads.W}, T {T} into {R}",
        () => AppendCase.Draw(T, heads.H, heads.K, heads.W, Math.Max(R, T), format, valuesOnly, T + heads.W),
        (buffers, o) => o.Prepare(buffers));

    private static KernelCase Attention(DType format, int T, int H, int K, int W, int start, int window, bool valuesOnly) => Case(
        nameof(AttentionDecodeQuantize),
        $"{format}{(valuesOnly ? " values" : "")} {H}/{K} heads of {W}, {(window == 0 ? "full" : $"window {window}")}, T {T} at {start}",
        () =>
        {
            AttentionCase attention = AttentionCase.Draw(T, H, K, W, (window == 0 ? start : Math.Min(start, window)) + T + 8, start, window, format, T + W + start, valuesOnly);
            return (Case: attention, Expected: attention.Expected());
        },
        (buffers, o) =>
        {
            Activations rows = buffers.EmptyRows((long)T * H * W);
            DType next = T % 2 == 0 ? DType.Q8 : DType.Q4;
            (Action<IPass> body, BufferHandle y) = o.Case.Prepare(buffers, decode: true, rows: (rows, next));
            Tolerance tolerance = Tolerances.AttentionOn(buffers.Backend, format, decode: true, valuesOnly);
            return new(
                body,
                CheckedResult.Close("out", y, o.Expected, tolerance, 8),
                CheckedResult.Rounded("rows", rows, o.Expected, next, tolerance, [.. Enumerable.Repeat(8f, o.Expected.Length)]));
        });
}
