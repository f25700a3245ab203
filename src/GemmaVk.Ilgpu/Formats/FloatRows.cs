using System.Runtime.CompilerServices;
using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>A cache in F32.</summary>
internal readonly struct FloatRows : ICacheFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(in CacheRows cache, long at) => cache.Floats[at];

    public static void Store(ArrayView<float> from, long first, in CacheRows cache, long to, int count)
    {
        for (int c = 0; c < count; c++)
        {
            cache.Floats[to + c] = from[first + c];
        }
    }
}
