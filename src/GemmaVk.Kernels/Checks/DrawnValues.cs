using System;

namespace GemmaVk.Kernels.Checks;

/// <summary>Values that fill a shape.</summary>
public static class DrawnValues
{
    /// <summary>Values of about unit size, with some zeros, repeated and large ones.</summary>
    public static float[] Of(int count, int seed, float size = 1)
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

    /// <summary>Cosines, then sines of W / 2 angles per row, [T, W].</summary>
    public static float[] Angles(int T, int W, int seed)
    {
        Random random = new(seed);
        float[] angles = new float[T * W];
        for (int t = 0; t < T; t++)
        {
            for (int i = 0; i < W / 2; i++)
            {
                (double sin, double cos) = Math.SinCos(random.NextDouble() * 6);
                angles[(t * W) + i] = (float)cos;
                angles[(t * W) + (W / 2) + i] = (float)sin;
            }
        }

        return angles;
    }
}
