using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Tests;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>One call of attention with everything it reads. Slots of the cache that no row may see are NaN.</summary>
public sealed record AttentionCase(
    float[] Q, float[] KCache, float[] V, int[] Positions, int[] Reach, int T, int H, int K, int W, int R, int Window, bool Half)
{
    /// <summary>One to eight rows.</summary>
    public static Gen<AttentionCase> Few { get; } = Cases(Shapes.FewRows);

    /// <summary>Any number of rows.</summary>
    public static Gen<AttentionCase> Many { get; } = Cases(Shapes.Rows);

    /// <summary>Draws a case; in one of three some rows see ahead, as those of a picture do.</summary>
    public static AttentionCase Draw(int T, int H, int K, int W, int R, int start, int window, bool half, int seed)
    {
        Random random = new(seed);
        int[] positions = [.. Enumerable.Range(start, T)];
        bool ahead = random.Next(3) == 0;
        int[] reach = [.. positions.Select(position => ahead && position % 7 > 2 ? Math.Min(position + 3, start + T - 1) : position)];
        float[] k = Cache(K, W, R, window, positions, reach, half, seed + 1, 1.5f / MathF.Sqrt(W));
        float[] v = Cache(K, W, R, window, positions, reach, half, seed + 2, 1);
        return new AttentionCase(Shapes.Values(T * H * W, seed, 1.5f), k, v, positions, reach, T, H, K, W, R, window, half);
    }

    /// <summary>Compares a way of running with the published cases.</summary>
    public static void Golden(Func<AttentionCase, float[]> run)
    {
        foreach (string name in new[] { "attention_sliding", "attention_picture", "attention_full" })
        {
            GoldenFile golden = GoldenFile.Open($"ops/{name}.safetensors");
            int[] q = golden.Shape("q");
            int[] k = golden.Shape("k");
            (int H, int n, int W, int K, int R) = (q[0], q[1], q[2], k[0], k[1]);
            bool full = name == "attention_full";
            int window = full ? 0 : name == "attention_picture" ? golden.Values<int>("window")[0] : 1024;
            int[] block = name == "attention_picture" ? golden.Values<int>("block") : [0, 0];
            float[] queries = golden.Floats("q");
            int[] positions = golden.Values<int>("positions");
            float[] expected = golden.Floats("out");
            // The cases give scattered rows, and a pass has consecutive ones: one row at a time.
            for (int row = 0; row < n; row++)
            {
                float[] one = [.. Enumerable.Range(0, H).SelectMany(h => queries.Skip(((h * n) + row) * W).Take(W))];
                int position = positions[row];
                int reach = position >= block[0] && position < block[1] ? block[1] - 1 : position;
                AttentionCase single = new(one, golden.Floats("k"), golden.Floats("v"), [position], [reach], 1, H, K, W, R, window, !full);
                Comparison.Close(
                    expected.AsSpan(row * H * W, H * W), run(single), new Tolerance(2e-5, 1e-5), $"{golden.Name} row {row} at {position}", single.V.Max(MathF.Abs));
            }
        }
    }

    /// <summary>Some rows of the case over the same cache.</summary>
    public AttentionCase Rows(int first, int count) => this with
    {
        Q = Q.AsSpan(first * H * W, count * H * W).ToArray(),
        Positions = Positions.AsSpan(first, count).ToArray(),
        Reach = Reach.AsSpan(first, count).ToArray(),
        T = count,
    };

    /// <summary>The reference's result.</summary>
    public float[] Expected()
    {
        float[] expected = new float[T * H * W];
        AttentionDecode.Reference(Q, KCache, V, Positions, Reach, expected, T, H, K, W, R, Window);
        return expected;
    }

    /// <summary>The backend's result.</summary>
    public float[] Run(string backend, bool decode)
    {
        using KernelSession session = new(backend);
        BufferHandle k = Half ? session.Halves(KCache) : session.Floats(KCache);
        BufferHandle v = Half ? session.Halves(V) : session.Floats(V);
        BufferHandle q = session.Floats(Q);
        BufferHandle positions = session.Ints(Positions);
        BufferHandle reach = session.Ints(Reach);
        BufferHandle y = session.Empty(DType.F32, T * H * W);
        session.Run(pass =>
        {
            if (decode)
            {
                pass.AttentionDecode(new(q, k, v, positions, reach, y, T, H, K, W, R, Window));
            }
            else
            {
                pass.AttentionPrefill(new(q, k, v, positions, reach, y, T, H, K, W, R, Window));
            }
        });
        return session.Read(y);
    }

    /// <inheritdoc/>
    public override string ToString() => $"T {T}, H {H}, K {K}, W {W}, R {R}, start {(T > 0 ? Positions[0] : 0)}, window {Window}, {(Half ? "F16" : "F32")}";

    private static Gen<AttentionCase> Cases(Gen<int> rows) =>
        from T in rows
        from heads in Gen.Elements((2, 1), (4, 4), (4, 2), (6, 2), (16, 1))
        from W in Gen.Elements(16, 24, 32, 64, 96, 256)
        from start in Gen.Elements(0, 1, 5, 63, 200, 255, 300, 700)
        from window in Gen.Elements(0, 0, 1, 16, 100, 256)
        from half in Gen.Elements(true, false)
        from seed in Shapes.Seeds
        select Draw(T, heads.Item1, heads.Item2, W, (window == 0 ? start : Math.Min(start, window)) + T + 8 + (seed % 3), start, window, half, seed);

    private static float[] Cache(int K, int W, int R, int window, int[] positions, int[] reach, bool half, int seed, float size)
    {
        float[] cache = Shapes.Values(K * R * W, seed, size);
        HashSet<int> seen = [];
        for (int t = 0; t < positions.Length; t++)
        {
            for (int j = window == 0 ? 0 : Math.Max(0, positions[t] - window + 1); j <= reach[t]; j++)
            {
                seen.Add(j % R);
            }
        }

        for (int i = 0; i < cache.Length; i++)
        {
            cache[i] = !seen.Contains(i / W % R) ? float.NaN : half ? (float)(System.Half)cache[i] : cache[i];
        }

        return cache;
    }
}
