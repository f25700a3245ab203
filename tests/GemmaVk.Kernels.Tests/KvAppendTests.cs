using System;
using System.Linq;
using FsCheck.Fluent;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class KvAppendTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsReferenceInARing(string backend) =>
        Shapes.ForAll(
            from T in Shapes.Rows
            from K in Gen.Choose(1, 8)
            from W in Shapes.HeadWidths
            from extra in Gen.Choose(0, 9)
            from half in Gen.Elements(true, false)
            from seed in Shapes.Seeds
            select (T, K, W, extra, half, seed),
            shape =>
            {
                (int T, int K, int W, int extra, bool half, int seed) = shape;
                int R = Math.Max(1, T + extra);
                float[] key = Shapes.Values(T * K * W, seed);
                float[] value = Shapes.Values(T * K * W, seed + 1, size: 1e-4f);
                int[] positions = [.. Enumerable.Range(seed % 5000, T)];
                float[] before = [.. Shapes.Values(K * R * W, seed + 2).Select(v => (float)(Half)v)];
                (float[] kCache, float[] vCache) = ([.. before], [.. before]);
                KvAppend.Reference(key, value, positions, kCache, vCache, T, K, W, R);
                using KernelSession session = new(backend);
                var k = half ? session.Halves(before) : session.Floats(before);
                var v = half ? session.Halves(before) : session.Floats(before);
                var keyBuffer = session.Floats(key);
                var valueBuffer = session.Floats(value);
                var positionBuffer = session.Ints(positions);
                session.Run(pass => pass.KvAppend(new(keyBuffer, valueBuffer, k, v, positionBuffer, T, K, W, R)));
                Comparison.Close(half ? Rounded(kCache) : kCache, session.Read(k), default, $"K of {shape}");
                Comparison.Close(half ? Rounded(vCache) : vCache, session.Read(v), default, $"V of {shape}");
            });

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void RoundsToHalfAsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/types.safetensors");
        float[] values = golden.Floats("float32");
        using KernelSession session = new(backend);
        var input = session.Floats(values);
        var cache = session.Empty(DType.F16, values.Length);
        var position = session.Ints(0);
        session.Run(pass => pass.KvAppend(new(input, input, cache, cache, position, 1, 1, values.Length, 1)));
        float[] expected = [.. golden.Values<Half>("to_fp16").Select(half => (float)half)];
        Comparison.Close(expected, session.Read(cache), default, golden.Name);
    }

    private static float[] Rounded(float[] values) => [.. values.Select(value => (float)(Half)value)];
}
