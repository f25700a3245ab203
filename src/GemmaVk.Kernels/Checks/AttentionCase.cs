using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>
/// One call of attention with everything it reads. Slots of the cache that no row may see are NaN. Rows are given as they
/// were before the cache's format rounded them; with <paramref name="Rebuilt"/> there are no keys.
/// </summary>
public sealed record AttentionCase(
    float[] Q, float[] Keys, float[] V, int[] Positions, int[] Reach, int T, int H, int K, int W, int R, int Window, DType Format, RebuiltKeys? Rebuilt = null)
{
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
        return new AttentionCase(DrawnValues.Of(T * H * W, seed, 1.5f), k, v, positions, reach, T, H, K, W, R, window, format, rebuilt);
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
        float[] values = OperandBuffers.Stored(V, Format);
        float[] keys = Rebuilt is null ? OperandBuffers.Stored(Keys, Format) : Rebuilt.Keys(values, K, R);
        AttentionDecode.Reference(Q, keys, values, Positions, Reach, expected, T, H, K, W, R, Window);
        return expected;
    }

    /// <summary>A backend's result; with <paramref name="first"/> as rows of a longer pass, of which it is the tail.</summary>
    public float[] Run(OperandBuffers session, bool decode, int first = 0)
    {
        (Action<IPass> body, BufferHandle y) = Prepare(session, decode, first);
        session.Run(body);
        return session.Read(y);
    }

    /// <summary>The call, and the buffer [(first + T) * H * W] of its result; with <paramref name="rows"/> the call that also writes INT8 rows for a format.</summary>
    public (Action<IPass> Body, BufferHandle Y) Prepare(OperandBuffers session, bool decode, int first = 0, (Activations Rows, DType Format)? rows = null)
    {
        AttentionDecode.Args call = Call(session, first);
        if (rows is var (written, format))
        {
            return (pass => pass.AttentionDecodeQuantize(new(call, written, format)), call.Out);
        }

        return (decode
            ? pass => pass.AttentionDecode(call)
            : pass => pass.AttentionPrefill(new(call.Q, call.Cache, call.Positions, call.Reach, call.Out, T, H, K, W, Window)), call.Out);
    }

    /// <summary>The arguments, with buffers of their own.</summary>
    public AttentionDecode.Args Call(OperandBuffers session, int first = 0)
    {
        (BufferHandle v, BufferHandle? vScales) = session.Cache(V, Format);
        (BufferHandle? k, BufferHandle? kScales) = Rebuilt is null ? session.Cache(Keys, Format) : (null, null);
        KvRows cache = new(k, v, R, kScales, vScales, Rebuilt?.On(session));
        BufferHandle q = session.Floats([.. new float[first * H * W], .. Q]);
        BufferHandle positions = session.Ints([.. new int[first], .. Positions]);
        BufferHandle reach = session.Ints([.. new int[first], .. Reach]);
        return new(q, cache, positions, reach, session.Empty(DType.F32, (first + T) * H * W), T, H, K, W, Window, first);
    }

    /// <inheritdoc/>
    public override string ToString() => $"T {T}, H {H}, K {K}, W {W}, R {R}, start {(T > 0 ? Positions[0] : 0)}, window {Window}, {Format}{(Rebuilt is null ? "" : $" values only, {Rebuilt.P} pairs")}";

    private static float[] Cache(int K, int W, int R, int window, int[] positions, int[] reach, int seed, float size)
    {
        float[] cache = DrawnValues.Of(K * R * W, seed, size);
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
