using ILGPU;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>How rows of a cache are kept, as a type argument of kernels.</summary>
internal interface ICacheFormat
{
    /// <summary>The value at an element's place.</summary>
    static abstract float Value(in CacheRows cache, long at);

    /// <summary>Stores up to 32 consecutive columns, which begin a group.</summary>
    static abstract void Store(ArrayView<float> from, long first, in CacheRows cache, long to, int count);
}
