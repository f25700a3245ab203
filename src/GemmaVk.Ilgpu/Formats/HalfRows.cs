using System.Runtime.CompilerServices;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>A cache in F16.</summary>
internal readonly struct HalfRows : ICacheFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in CacheRows cache, long at) => Float16.ToSingle(cache.Halves[at]);

    public static void Store(ArrayView<float> from, long first, in CacheRows cache, long to, int count)
    {
        for (int c = 0; c < count; c++)
        {
            cache.Halves[to + c] = Float16.FromSingle(from[first + c]);
        }
    }
}
