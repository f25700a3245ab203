using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using static GemmaVk.Kernels.Checks.KernelCases;

namespace GemmaVk.Kernels.Checks;

// Letters: T tokens in this pass, D hidden size, F FFN size, H heads, W head width, V vocabulary.

/// <summary>Kernels that treat each row by itself: embedding, norms, rotation, gate, cap.</summary>
internal static class RowCases
{
    private const float Eps = 1e-6f;

    public static IEnumerable<KernelCase> All(bool quick)
    {
        foreach (DType format in (DType[])[DType.Q4, DType.Q8, DType.Q4F16, DType.Q8F16, DType.Q4K, DType.Q5K, DType.Q6K, DType.F8E4M3, DType.BF16, DType.F32])
        {
            yield return Embed(format, 5, 97, OperandBuffers.Whole(format, 96));
            if (!quick)
            {
                yield return Embed(format, 1, 17, 3840);
                yield return Embed(format, 67, 1000, OperandBuffers.Whole(format, 32));
            }
        }

        foreach ((int R, int D, bool weighted) in quick ? [(3, 257, true), (2, 3840, false)] : ((int, int, bool)[])[(1, 1, true), (3, 257, true), (9, 63, false), (17, 3840, true), (33, 640, false)])
        {
            yield return RmsNorm(R, D, weighted);
        }

        foreach ((int T, int D) in quick ? [(2, 257), (1, 3840)] : ((int, int)[])[(1, 1), (2, 257), (9, 63), (17, 3840)])
        {
            yield return AddRmsNorm(T, D);
        }

        foreach ((int T, int H, int W) in quick ? [(3, 2, 34)] : ((int, int, int)[])[(1, 1, 2), (3, 2, 34), (7, 16, 256), (2, 16, 512), (33, 3, 96)])
        {
            yield return Rope(T, H, W);
            yield return RmsNormRope(T, H, W);
        }

        foreach ((int T, int F, float size) in quick ? [(3, 257, 6)] : ((int, int, float)[])[(1, 1, 1), (3, 257, 6), (17, 3840, 1), (2, 640, 100), (2, 96, 1e15f)])
        {
            yield return GeGlu(T, F, size);
        }

        foreach (int count in quick ? [1027] : (int[])[1, 1027, 262_144])
        {
            yield return SoftCap(count);
        }
    }

    private static KernelCase Embed(DType format, int T, int V, int D) => Case(
        nameof(Kernels.Embed),
        $"{format} {V} x {D}, T {T}",
        () =>
        {
            RandomMatrix table = new(format, V, D, 1);
            Random random = new(2);
            int[] ids = [.. Enumerable.Range(0, T).Select(_ => random.Next(-1, V))];
            float[] before = DrawnValues.Of(T * D, 3), x = [.. before];
            Kernels.Embed.Reference(ids, format, table.Data, table.Scales, D, 61.97f, x);
            return (Table: table, Ids: ids, Before: before, X: x);
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.Before), ids = buffers.Ints(o.Ids);
            WeightMatrix table = buffers.Place(o.Table);
            return new(pass => pass.Embed(new(ids, table, 61.97f, x, T)), CheckedResult.Close("x", x, o.X, Tolerances.Embed));
        });

    private static KernelCase RmsNorm(int R, int D, bool weighted) => Case(
        nameof(Kernels.RmsNorm),
        $"{R} rows of {D}{(weighted ? "" : " without weight")}",
        () =>
        {
            float[] x = DrawnValues.Of(R * D, 1), y = new float[R * D];
            float[]? w = weighted ? DrawnValues.Of(D, 2) : null;
            Kernels.RmsNorm.Reference(x, w, y, R, D, Eps);
            return (X: x, W: w, Y: y);
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.X), y = buffers.Empty(DType.F32, R * D);
            BufferHandle? w = o.W is null ? null : buffers.Floats(o.W);
            return new(pass => pass.RmsNorm(new(x, w, y, R, D, Eps)), CheckedResult.Close("y", y, o.Y, Tolerances.RmsNorm));
        });

    private static KernelCase AddRmsNorm(int T, int D) => Case(
        nameof(Kernels.AddRmsNorm),
        $"{T} rows of {D}",
        () =>
        {
            float[] before = DrawnValues.Of(T * D, 1), x = [.. before], y = DrawnValues.Of(T * D, 2, 7), post = DrawnValues.Of(D, 3), next = DrawnValues.Of(D, 4), a = new float[T * D];
            Kernels.AddRmsNorm.Reference(x, y, post, 0.7f, next, a, T, D, Eps);
            return (Before: before, X: x, Y: y, Post: post, Next: next, A: a, Size: Math.Max(x.Max(MathF.Abs), 1), Sizes: TermSizes.AddRmsNorm(x, T, D));
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.Before), y = buffers.Floats(o.Y), post = buffers.Floats(o.Post), next = buffers.Floats(o.Next), a = buffers.Empty(DType.F32, T * D);
            return new(
                pass => pass.AddRmsNorm(new(x, y, post, 0.7f, next, a, T, D, Eps)),
                CheckedResult.Close("x", x, o.X, Tolerances.AddRmsNorm, o.Size),
                CheckedResult.Close("a", a, o.A, Tolerances.AddRmsNorm, o.Sizes));
        });

    private static KernelCase Rope(int T, int H, int W) => Case(
        nameof(Kernels.Rope),
        $"{T} rows of {H} heads of {W}",
        () =>
        {
            float[] x = DrawnValues.Of(T * H * W, 1), angles = DrawnValues.Angles(T, W, 2), y = new float[x.Length];
            Kernels.Rope.Reference(x, angles, y, T, H, W);
            return (X: x, Angles: angles, Y: y);
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.X), angles = buffers.Floats(o.Angles), y = buffers.Empty(DType.F32, o.Y.Length);
            return new(pass => pass.Rope(new(x, angles, y, T, H, W)), CheckedResult.Close("y", y, o.Y, Tolerances.Rope, 8));
        });

    private static KernelCase RmsNormRope(int T, int H, int W) => Case(
        nameof(Kernels.RmsNormRope),
        $"{T} rows of {H} heads of {W}",
        () =>
        {
            float[] x = DrawnValues.Of(T * H * W, 1), w = DrawnValues.Of(W, 3), angles = DrawnValues.Angles(T, W, 2), y = new float[x.Length];
            Kernels.RmsNormRope.Reference(x, w, angles, y, T, H, W, Eps);
            return (X: x, W: w, Angles: angles, Y: y);
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.X), w = buffers.Floats(o.W), angles = buffers.Floats(o.Angles), y = buffers.Empty(DType.F32, o.Y.Length);
            return new(
                pass => pass.RmsNormRope(new(x, w, angles, y, T, H, W, Eps)),
                CheckedResult.Close("y", y, o.Y, Tolerances.RmsNormRope, o.Y.Max(MathF.Abs)));
        });

    private static KernelCase GeGlu(int T, int F, float size) => Case(
        nameof(Kernels.GeGlu),
        $"{T} rows of {F} of size {size:G}",
        () =>
        {
            float[] gate = DrawnValues.Of(T * F, 1, size), up = DrawnValues.Of(T * F, 2), y = new float[T * F];
            Kernels.GeGlu.Reference(gate, up, y);
            return (Gate: gate, Up: up, Y: y);
        },
        (buffers, o) =>
        {
            BufferHandle gate = buffers.Floats(o.Gate), up = buffers.Floats(o.Up), y = buffers.Empty(DType.F32, T * F);
            // Below -5 the reference itself cancels in 1 + tanh; what is left is far below any use.
            return new(pass => pass.GeGlu(new(gate, up, y, T, F)), CheckedResult.Close("y", y, o.Y, new Tolerance(1e-6, Tolerances.GeGlu.Relative)));
        });

    private static KernelCase SoftCap(int count) => Case(
        nameof(Kernels.SoftCap),
        $"{count} values",
        () =>
        {
            float[] x = DrawnValues.Of(count, 1, 40), y = new float[count];
            x[0] = float.NegativeInfinity;
            Kernels.SoftCap.Reference(x, y, 30);
            return (X: x, Y: y);
        },
        (buffers, o) =>
        {
            BufferHandle x = buffers.Floats(o.X), y = buffers.Empty(DType.F32, count);
            return new(pass => pass.SoftCap(new(x, y, 30, count)), CheckedResult.Close("y", y, o.Y, Tolerances.SoftCap));
        });
}
