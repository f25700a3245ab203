using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

// Letters: T rows, D inputs, F outputs, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>Kernels of several steps where no binding spans what they work on: matrices go through the kernels that are fused, caches through several dispatches.</summary>
public sealed class FusedInPiecesTests
{
    private const int T = 2, D = 256, F = 512, H = 8, K = 2, W = 32, R = 700;

    [Fact]
    public void Pieces_give_what_the_whole_gives()
    {
        (float[] Products, float[] Rows, byte[] Cache, float[] Attention) whole = Run(null), pieces = Run(32 << 10);
        Assert.Equal(whole.Products, pieces.Products);
        Assert.Equal(whole.Cache, pieces.Cache);
        Close(whole.Rows, pieces.Rows, 0.02f);
        Close(whole.Attention, pieces.Attention, 1e-5f);
        Assert.Contains(whole.Cache, value => value != 0);
    }

    private static (float[] Products, float[] Rows, byte[] Cache, float[] Attention) Run(long? most)
    {
        using TestBackend test = new(o => o with { MaxChunkBytes = most ?? o.MaxChunkBytes });
        VulkanBackend b = test.Backend;
        BufferHandle Floats(int count, int seed) => test.Filled<float>(DType.F32, [.. Enumerable.Range(0, count).Select(i => MathF.Sin((i * 0.37f) + seed))]);
        Activations Rows(int k) => new(b.Allocate("q", DType.I8, new Shape(T, k)), Floats(T * k / 32, 0), Floats(T * k / 32, 0));
        using WeightMatrix gate = b.Place(new SeededMatrix(DType.Q4, F, D)), up = b.Place(new SeededMatrix(DType.Q4, F, D)), k = b.Place(new SeededMatrix(DType.Q4, 64, D));
        Assert.Equal(most is null ? 1 : 2, ((VulkanBuffer)gate.Data).Memory.Chunks.Count);
        Activations x = Rows(D), y = Rows(F);
        BufferHandle floats = Floats(T * D, 1), q = Floats(T * F, 2), key = Floats(T * F, 3), value = Floats(T * F, 4), g = Floats(T * F, 5), u = Floats(T * F, 6);
        BufferHandle weight = Floats(W, 7), angles = Floats(T * W, 8), output = Floats(T * H * W, 9);
        BufferHandle positions = test.Filled<int>(DType.I32, [650, 651]);
        BufferHandle keys = b.Allocate("keys", DType.F16, new Shape(K, R, W)), values = b.Allocate("values", DType.F16, new Shape(K, R, W));
        b.Write<Half>(keys, new Half[K * R * W]);
        b.Write<Half>(values, new Half[K * R * W]);
        KvRows cache = new(keys, values, R);
        test.Run(pass =>
        {
            pass.QuantizeRows(new(floats, x, DType.Q4, T, D));
            pass.MatVecQkv(new(x, gate, k, up, q, key, value, T));
            pass.MatVecGeGlu(new(x, gate, up, g, u, y, DType.Q8, T));
        });
        float[] products = [.. test.Read(q), .. test.Read(key).Take(T * 64), .. test.Read(value)];
        test.Run(pass =>
        {
            pass.RmsNormRopeAppend(new(q, key, value, value, weight, weight, angles, cache, positions, T, H, K, W, 1e-6f));
            pass.AttentionDecode(new(q, cache, positions, positions, output, T, H, K, W, 0));
        });
        sbyte[] steps = new sbyte[T * F];
        b.Read<sbyte>(y.Data, steps);
        float[] units = test.Read(y.Scale!);
        byte[] stored = new byte[keys.Bytes + values.Bytes];
        b.Read(keys, stored.AsSpan(0, (int)keys.Bytes));
        b.Read(values, stored.AsSpan((int)keys.Bytes));
        return (products, [.. steps.Select((step, i) => step * units[i / 32])], stored, test.Read(output));
    }

    private static void Close(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        float largest = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= tolerance * largest, $"at {i} expected {expected[i]}, actual {actual[i]}");
    }
}
