using System;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime;

/// <summary>Fills caches with uniform values, so that attention at a depth costs what it costs with real rows.</summary>
internal static class MadeUpRows
{
    private const int Block = 1 << 16;

    /// <summary>Writes values in [-1, 1) over the whole buffer, F16 or F32.</summary>
    public static void Fill(IBackend backend, BufferHandle buffer, int seed)
    {
        Random random = new(seed);
        Half[] halves = new Half[Block];
        float[] floats = new float[Block];
        for (int i = 0; i < Block; i++)
        {
            floats[i] = (random.NextSingle() * 2) - 1;
            halves[i] = (Half)floats[i];
        }

        for (long first = 0; first < buffer.Shape.Count; first += Block)
        {
            int count = (int)Math.Min(Block, buffer.Shape.Count - first);
            if (buffer.DType == DType.F16)
            {
                backend.Write<Half>(buffer, halves.AsSpan(0, count), first);
            }
            else
            {
                backend.Write<float>(buffer, floats.AsSpan(0, count), first);
            }
        }
    }
}
