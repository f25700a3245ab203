using System;
using System.Linq;

namespace GemmaVk.Kernels.Checks;

// Letters: K KV heads, W head width, R rows of the cache, P pairs that rotate.

/// <summary>What rebuilds the keys of a cache that keeps values alone: norm weights and tables of angles.</summary>
public sealed record RebuiltKeys(float[] Norm, float[] Coarse, float[] Fine, int P)
{
    /// <summary>Weights of a size, and the frequencies theta^(-2 i / W).</summary>
    public static RebuiltKeys Draw(int W, int P, int R, float size, int seed)
    {
        Random random = new(seed);
        return Of([.. Enumerable.Range(0, W).Select(_ => size * (0.5f + random.NextSingle()))], P, R, 10_000);
    }

    /// <summary>Given weights, with the tables of a base.</summary>
    public static RebuiltKeys Of(float[] norm, int P, int R, double theta)
    {
        float[] invFreq = [.. Enumerable.Range(0, P).Select(i => 1f / (float)Math.Pow(theta, (float)(2 * i) / norm.Length))];
        return new RebuiltKeys(norm, Table(invFreq, ((R - 1) / KeysFromValues.Step) + 1, KeysFromValues.Step), Table(invFreq, KeysFromValues.Step, 1), P);
    }

    /// <summary>The keys of all rows of a cache of values, where row p holds position p.</summary>
    public float[] Keys(ReadOnlySpan<float> values, int K, int R)
    {
        int W = Norm.Length;
        float[] keys = new float[values.Length];
        for (int row = 0; row < K * R; row++)
        {
            KeysFromValues.Reference(values.Slice(row * W, W), Norm, Coarse, Fine, row % R, P, keys.AsSpan(row * W, W));
        }

        return keys;
    }

    /// <summary>On a backend.</summary>
    public KeysFromValues On(OperandBuffers session) => new(session.Floats(Norm), session.Floats(Coarse), session.Floats(Fine), P);

    private static float[] Table(float[] invFreq, int count, int step)
    {
        int P = invFreq.Length;
        float[] table = new float[count * 2 * P];
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < P; i++)
            {
                table[(row * 2 * P) + i] = (float)Math.Cos((double)row * step * invFreq[i]);
                table[(row * 2 * P) + P + i] = (float)Math.Sin((double)row * step * invFreq[i]);
            }
        }

        return table;
    }
}
