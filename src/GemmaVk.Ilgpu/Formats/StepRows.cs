using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Kernels;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>A cache in Q8: formula and rounding are those of <see cref="KvAppend"/>.</summary>
internal readonly struct StepRows : ICacheFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in CacheRows cache, long at) => cache.Steps[at] * BFloat16.ToSingle(cache.Scales[at / 32]);

    public static void Store(ArrayView<float> from, long first, in CacheRows cache, long to, int count)
    {
        float absmax = 0;
        for (int c = 0; c < count; c++)
        {
            absmax = MathF.Max(absmax, MathF.Abs(from[first + c]));
        }

        float exact = absmax * (1f / 127);
        ushort scale = exact < KvAppend.LeastScale ? (ushort)0 : BFloat16.FromSingle(exact);
        float unit = BFloat16.ToSingle(scale);
        float inverse = unit == 0 ? 0 : 1 / unit;
        cache.Scales[to / 32] = scale;
        for (int c = 0; c < count; c++)
        {
            cache.Steps[to + c] = Numbers.Step(from[first + c] * inverse);
        }
    }
}
