using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Tests;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>
/// One call of attention with everything it reads. Slots of the cache that no row may see are NaN. Rows are given as they
/// were before the cache's format rounded them; with <paramref name="Rebuilt"/> there are no keys.
/// </summary>
public sealed record AttentionCase(
    float[] Q, float[] Keys, float[] V, int[] Positions, int[] Reach, int T, int H, int K, int W, int R, int Window, DType Format, RebuiltKeys? Rebuilt = null)
{
    // The published keys were turned by angles rounded to F32, and the values are the same F16.
    private const double RebuiltTolerance = 2e-5;

    /// <summary>Draws the rest of a case. Rows of steps are whole groups.</summary>
    public static AttentionCase Of(AttentionSizes sizes, int T, int seed)
    {
        int width = sizes.Format == DType.Q8 ? (sizes.W + 31) / 32 * 32 : sizes.W;
        int seen = sizes.Window == 0 ? sizes.Start : Math.Min(sizes.Start, sizes.Window);
        return Draw(T, sizes.H, sizes.K, width, seen + T + 8 + (seed % 3), sizes.Start, sizes.Window, sizes.Format, seed, sizes.ValuesOnly && sizes.Window == 0);
    }

    /// <summary>Draws a case; in one of three some rows see ahead, as those of a picture do.</summary>
    public static AttentionCase Draw(
        int T, int H, int K, int W, int R, int start, int window, DType format, int seed, bool valuesOnly = false)
    {
        Random random = new(seed);
        int[] positions = [.. Enumerable.Range(start, T)];
        bool ahead = random.Next(3) == 0;
        int[] reach = [.. positions.Select(position => ahead && position % 7 > 2 ? Math.Min(position + 3, start + T - 1) : position)];
        float size = 1.5f / MathF.Sqrt(W);
        float[] k = valuesOnly ? [] : Cache(K, W, R, window, positions, reach, seed + 1, size);
        float[] v = Cache(K, W, R, window, positions, reach, seed + 2, 1);
        // From no pair to all of them.
        RebuiltKeys? rebuilt = valuesOnly ? RebuiltKeys.Draw(W, random.Next((W / 8) + 1) * 4, R, size, seed + 3) : null;
        return new AttentionCase(Shapes.Values(T * H * W, seed, 1.5f), k, v, positions, reach, T, H, K, W, R, window, format, rebuilt);
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
            float[] expected = golden.Floats("out"), keys = golden.Floats("k"), values = golden.Floats("v");
            float largest = values.Max(MathF.Abs);
            RebuiltKeys? rebuilt = full ? RebuiltKeys.Of(golden.Floats("k_norm"), W / 8, R, 1_000_000) : null;
            // The cases give scattered rows, and a pass has consecutive ones: one row at a time.
            for (int row = 0; row < n; row++)
            {
                float[] one = [.. Enumerable.Range(0, H).SelectMany(h => queries.Skip(((h * n) + row) * W).Take(W))];
                int position = positions[row];
                int reach = position >= block[0] && position < block[1] ? block[1] - 1 : position;
                AttentionCase single = new(
                    one, keys, values, [position], [reach], 1, H, K, W, R, window, full ? DType.F32 : DType.F16);
                ReadOnlySpan<float> wanted = expected.AsSpan(row * H * W, H * W);
                Comparison.Close(wanted, run(single), new Tolerance(2e-5, 1e-5), $"{golden.Name} row {row} at {position}", largest);
                if (rebuilt is not null)
                {
                    // The same rows without their keys: v and k_norm are what is left of them.
                    single = single with { Keys = [], Format = DType.F16, Rebuilt = rebuilt };
                    Comparison.Close(
                        wanted, run(single), new Tolerance(RebuiltTolerance, 1e-5), $"{golden.Name} from values, row {row} at {position}", largest);
                }
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
        float[] values = KernelSession.Stored(V, Format);
        float[] keys = Rebuilt is null ? KernelSession.Stored(Keys, Format) : Rebuilt.Keys(values, K, R);
        AttentionDecode.Reference(Q, keys, values, Positions, Reach, expected, T, H, K, W, R, Window);
        return expected;
    }

    /// <summary>The backend's result; with <paramref name="first"/> as rows of a longer pass, of which it is the tail.</summary>
    public float[] Run(string backend, bool decode, int first = 0)
    {
        using KernelSession session = new(backend);
        (BufferHandle v, BufferHandle? vScales) = session.Cache(V, Format);
        (BufferHandle? k, BufferHandle? kScales) = Rebuilt is null ? session.Cache(Keys, Format) : (null, null);
        KvRows cache = new(k, v, R, kScales, vScales, Rebuilt?.On(session));
        BufferHandle q = session.Floats([.. new float[first * H * W], .. Q]);
        BufferHandle positions = session.Ints([.. new int[first], .. Positions]);
        BufferHandle reach = session.Ints([.. new int[first], .. Reach]);
        BufferHandle y = session.Empty(DType.F32, (first + T) * H * W);
        session.Run(pass =>
        {
            if (decode)
            {
                pass.AttentionDecode(new(q, cache, positions, reach, y, T, H, K, W, Window, first));
            }
            else
            {
                pass.AttentionPrefill(new(q, cache, positions, reach, y, T, H, K, W, Window));
            }
        });
        return session.Read(y);
    }

    /// <inheritdoc/>
    public override string ToString() => $"T {T}, H {H}, K {K}, W {W}, R {R}, start {(T > 0 ? Positions[0] : 0)}, window {Window}, {Format}{(Rebuilt is null ? "" : $" values only, {Rebuilt.P} pairs")}";

    private static float[] Cache(int K, int W, int R, int window, int[] positions, int[] reach, int seed, float size)
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
            cache[i] = seen.Contains(i / W % R) ? cache[i] : float.NaN;
        }

        return cache;
    }
}
