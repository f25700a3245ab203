using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Attention;

/// <summary>The dense parts of prefill attention on tiles that lie in the caches.</summary>
internal static unsafe class QueryTile
{
    /// <summary>Rows of the register block; rows of a tile are padded to it.</summary>
    public const int BlockRows = 4;

    /// <summary>
    /// C[rows, columns] = decay[rows] * C + A[rows, depth] B[depth, columns], or without the first term when decay is null.
    /// Each result adds its products in the order of depth. rows is a multiple of 4, columns of two vectors.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<L, TF>(
        float* a, int strideA, float* b, int strideB, float* c, int strideC, float* decay, int rows, int columns, int depth)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        for (int column = 0; column < columns; column += 2 * L.Count)
        {
            for (int row = 0; row < rows; row += BlockRows)
            {
                float* c0 = c + ((long)row * strideC) + column;
                float* c1 = c0 + strideC;
                float* c2 = c1 + strideC;
                float* c3 = c2 + strideC;
                TF x0 = L.Zero, x1 = L.Zero, x2 = L.Zero, x3 = L.Zero, y0 = L.Zero, y1 = L.Zero, y2 = L.Zero, y3 = L.Zero;
                if (decay != null)
                {
                    TF d = L.Create(decay[row]);
                    (x0, y0) = (L.Multiply(L.Load(c0), d), L.Multiply(L.Load(c0 + L.Count), d));
                    d = L.Create(decay[row + 1]);
                    (x1, y1) = (L.Multiply(L.Load(c1), d), L.Multiply(L.Load(c1 + L.Count), d));
                    d = L.Create(decay[row + 2]);
                    (x2, y2) = (L.Multiply(L.Load(c2), d), L.Multiply(L.Load(c2 + L.Count), d));
                    d = L.Create(decay[row + 3]);
                    (x3, y3) = (L.Multiply(L.Load(c3), d), L.Multiply(L.Load(c3 + L.Count), d));
                }

                float* a0 = a + ((long)row * strideA);
                float* a1 = a0 + strideA;
                float* a2 = a1 + strideA;
                float* a3 = a2 + strideA;
                float* at = b + column;
                for (int i = 0; i < depth; i++, at += strideB)
                {
                    TF first = L.Load(at);
                    TF second = L.Load(at + L.Count);
                    TF factor = L.Create(a0[i]);
                    (x0, y0) = (L.Fma(factor, first, x0), L.Fma(factor, second, y0));
                    factor = L.Create(a1[i]);
                    (x1, y1) = (L.Fma(factor, first, x1), L.Fma(factor, second, y1));
                    factor = L.Create(a2[i]);
                    (x2, y2) = (L.Fma(factor, first, x2), L.Fma(factor, second, y2));
                    factor = L.Create(a3[i]);
                    (x3, y3) = (L.Fma(factor, first, x3), L.Fma(factor, second, y3));
                }

                L.Store(x0, c0);
                L.Store(y0, c0 + L.Count);
                L.Store(x1, c1);
                L.Store(y1, c1 + L.Count);
                L.Store(x2, c2);
                L.Store(y2, c2 + L.Count);
                L.Store(x3, c3);
                L.Store(y3, c3 + L.Count);
            }
        }
    }

    /// <summary>to[columns, rows] = from[rows, columns]; both multiples of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* from, int rows, int columns, float* to)
    {
        for (int row = 0; row < rows; row += 4)
        {
            for (int column = 0; column < columns; column += 4)
            {
                float* source = from + ((long)row * columns) + column;
                Vector128<float> a = Vector128.Load(source);
                Vector128<float> b = Vector128.Load(source + columns);
                Vector128<float> c = Vector128.Load(source + (2 * columns));
                Vector128<float> d = Vector128.Load(source + (3 * columns));
                Vector128<double> lowAb = Low(a, b).AsDouble();
                Vector128<double> highAb = High(a, b).AsDouble();
                Vector128<double> lowCd = Low(c, d).AsDouble();
                Vector128<double> highCd = High(c, d).AsDouble();
                float* target = to + ((long)column * rows) + row;
                Vector128.Create(lowAb.GetLower(), lowCd.GetLower()).AsSingle().Store(target);
                Vector128.Create(lowAb.GetUpper(), lowCd.GetUpper()).AsSingle().Store(target + rows);
                Vector128.Create(highAb.GetLower(), highCd.GetLower()).AsSingle().Store(target + (2 * rows));
                Vector128.Create(highAb.GetUpper(), highCd.GetUpper()).AsSingle().Store(target + (3 * rows));
            }
        }
    }

    /// <summary>Turns a row of scores into weights against its running maximum; returns how much older sums shrink.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Weigh<L, TF>(float* score, int count, ref float maximum, ref float sum)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        float highest = VectorOps.Largest<L, TF>(score, count, maximum);
        float decay = L.Largest(VectorOps.Exp<L, TF>(L.Create(maximum - highest)));
        TF total = L.Zero;
        for (int j = 0; j < count; j += L.Count)
        {
            TF e = VectorOps.Exp<L, TF>(L.Subtract(L.Load(score + j), L.Create(highest)));
            total = L.Add(total, e);
            L.Store(e, score + j);
        }

        maximum = highest;
        sum = (sum * decay) + L.Sum(total);
        return decay;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a.GetElement(0), b.GetElement(0), a.GetElement(1), b.GetElement(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a.GetElement(2), b.GetElement(2), a.GetElement(3), b.GetElement(3));
}
