using System;

namespace GemmaVk.Kernels.Tests;

/// <summary>Values that fill a shape.</summary>
public static class Shapes
{
    /// <summary>Values of about unit size, with some zeros, repeated and large ones.</summary>
    public static float[] Values(int count, int seed, float size = 1)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            int kind = random.Next(40);
            values[i] = size * (kind == 0 ? 0 : ((random.NextSingle() * 2) - 1) * (kind == 1 ? 8 : 1));
        }

        return values;
    }
}
