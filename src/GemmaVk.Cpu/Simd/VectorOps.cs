using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GemmaVk.Cpu.Simd;

/// <summary>What several kernels do with a run of floats: sums, scaling, exp. The tail beyond whole vectors is scalar.</summary>
internal static unsafe class VectorOps
{
    /// <summary>Asks for a cache line that is needed soon; a hint, never a fault.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* line)
    {
        if (Sse.IsSupported)
        {
            Sse.PrefetchNonTemporal(line);
        }
    }

    /// <summary>As <see cref="Prefetch"/>, into the second level: the first has few places for what is on its way, and while they are taken it serves little else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchNear(byte* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(line);
        }
    }

    /// <summary>Sum of squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumOfSquares<L, TF>(float* x, int count)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        TF a = L.Zero;
        TF b = L.Zero;
        int i = 0;
        for (; i + (2 * L.Count) <= count; i += 2 * L.Count)
        {
            TF first = L.Load(x + i);
            TF second = L.Load(x + i + L.Count);
            a = L.Fma(first, first, a);
            b = L.Fma(second, second, b);
        }

        float sum = L.Sum(L.Add(a, b));
        for (; i < count; i++)
        {
            sum += x[i] * x[i];
        }

        return sum;
    }

    /// <summary>y = x * scale * w, or y = x * scale when w is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale<L, TF>(float* x, float scale, float* w, float* y, int count)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        TF s = L.Create(scale);
        int i = 0;
        for (; i + L.Count <= count; i += L.Count)
        {
            TF scaled = L.Multiply(L.Load(x + i), s);
            L.Store(w == null ? scaled : L.Multiply(scaled, L.Load(w + i)), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = x[i] * scale * (w == null ? 1 : w[i]);
        }
    }

    /// <summary>The factor of a root-mean-square norm: 1 / sqrt(mean of squares + eps).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float InverseRms<L, TF>(float* x, int count, float eps)
        where L : struct, ILanes<TF>
        where TF : unmanaged =>
        (float)(1.0 / Math.Sqrt((SumOfSquares<L, TF>(x, count) / (double)count) + eps));

    /// <summary>Largest value, at least <paramref name="floor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest<L, TF>(float* x, int count, float floor)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        TF largest = L.Create(floor);
        int i = 0;
        for (; i + L.Count <= count; i += L.Count)
        {
            largest = L.Max(L.Load(x + i), largest);
        }

        float result = L.Largest(largest);
        for (; i < count; i++)
        {
            result = x[i] > result ? x[i] : result;
        }

        return result;
    }

    /// <summary>
    /// e^x to about two units in the last place; 0 below -87.3, and finite above 88 (the callers subtract a maximum or
    /// saturate); NaN stays NaN. Range reduction by ln 2 in two parts, then a polynomial of degree six on [-0.35, 0.35].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TF Exp<L, TF>(TF x)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        TF below = L.Clamp(x, -1e30f, 88.02f);
        TF bounded = L.Clamp(below, -87.33f, 88.02f);
        TF n = L.Round(L.Multiply(bounded, L.Create(1.44269504f)));
        TF r = L.Fma(n, L.Create(-0.693359375f), bounded);
        r = L.Fma(n, L.Create(2.12194440e-4f), r);
        TF p = L.Create(1.0f / 720);
        p = L.Fma(p, r, L.Create(1.0f / 120));
        p = L.Fma(p, r, L.Create(1.0f / 24));
        p = L.Fma(p, r, L.Create(1.0f / 6));
        p = L.Fma(p, r, L.Create(0.5f));
        p = L.Fma(p, r, L.Create(1f));
        p = L.Fma(p, r, L.Create(1f));
        TF result = L.Scale2(p, n);
        // Where the lower bound raised x, the answer is zero; of NaN it is NaN.
        return L.WhereBelow(L.Subtract(bounded, below), 1e-6f, result, L.Fma(below, L.Zero, L.Zero));
    }
}
