using System;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Cache;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Forward;

/// <summary>Fills caches with uniform values, so that attention at a depth costs what it costs with real rows, and activations likewise.</summary>
internal static class MadeUpRows
{
    private const int Block = 1 << 16;

    /// <summary>Writes values in [-1, 1) over all of a cache, whatever its format.</summary>
    public static void Fill(IBackend backend, LayerKv layer)
    {
        for (int i = 0; i < layer.Buffers.Count; i++)
        {
            Fill(backend, layer.Buffers[i], i);
        }
    }

    /// <summary>Likewise over one buffer.</summary>
    public static void Fill(IBackend backend, BufferHandle buffer, int seed)
    {
        Random random = new(seed);
        switch (buffer.DType)
        {
            case DType.F16:
                Repeat(backend, buffer, () => (Half)((random.NextSingle() * 2) - 1));
                break;
            case DType.Q8 or DType.I8:
                Repeat(backend, buffer, () => (sbyte)random.Next(-127, 128));
                break;
            case DType.BF16:
                // Scales: the largest step is 1.
                Repeat(backend, buffer, () => BFloat16.FromSingle(1f / 127));
                break;
            default:
                Repeat(backend, buffer, () => (random.NextSingle() * 2) - 1);
                break;
        }
    }

    private static void Repeat<T>(IBackend backend, BufferHandle buffer, Func<T> value)
        where T : unmanaged
    {
        T[] block = new T[Block];
        for (int i = 0; i < Block; i++)
        {
            block[i] = value();
        }

        for (long first = 0; first < buffer.Shape.Count; first += Block)
        {
            backend.Write<T>(buffer, block.AsSpan(0, (int)Math.Min(Block, buffer.Shape.Count - first)), first);
        }
    }
}
