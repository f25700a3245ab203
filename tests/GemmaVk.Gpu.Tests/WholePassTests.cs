using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

// Letters: T tokens in this pass, D hidden size, H query heads, K KV heads, W head width, R rows of the cache, V vocabulary.

/// <summary>
/// Every kernel in one recording, replayed as a decoder does, with the validation layer listening: the barriers that are
/// derived are the ones that are needed, and no kernel touches what it did not bind.
/// </summary>
public sealed class WholePassTests
{
    private const int D = 128, H = 4, K = 2, W = 32, R = 64, F = 192, V = 300;

    [Theory]
    [InlineData(1, false)]
    [InlineData(5, true)]
    [InlineData(20, false)]
    public void OneRecordingEqualsOnePerKernel(int T, bool fused)
    {
        Assert.Equal(Decode(T, fused, together: false), Decode(T, fused, together: true));
    }

    private static float[] Decode(int T, bool fused, bool together)
    {
        using TestBackend test = new();
        VulkanBackend b = test.Backend;
        BufferHandle Device(params long[] shape) => b.Allocate("device", DType.F32, new Shape(shape));
        BufferHandle Step(DType dtype, long count) => b.Allocate("step", dtype, new Shape(count), BufferUse.Step);
        WeightMatrix Matrix(int n, int k) => b.Place(new SeededMatrix(DType.Q4, n, k));
        Activations Rows(int k) => new(b.Allocate("q", DType.I8, new Shape(T, k)), Device(T, k / 32), Device(T, k / 32));

        using WeightMatrix table = b.Place(new SeededMatrix(DType.Q8, V, D));
        using WeightMatrix wq = Matrix(H * W, D), wk = Matrix(K * W, D), wo = Matrix(D, H * W), gate = Matrix(F, D), up = Matrix(F, D), down = Matrix(D, F);
        BufferHandle ids = Step(DType.I32, T), positions = Step(DType.I32, T), suppress = Step(DType.I32, 2), drawn = Step(DType.I32, T), angles = Step(DType.F32, T * W);
        BufferHandle weight = Device(D), headWeight = Device(W), x = Device(T, D), a = Device(T, D), q = Device(T, H * W), k = Device(T, K * W), v = Device(T, K * W);
        BufferHandle o = Device(T, H * W), g = Device(T, F), u = Device(T, F), logits = Device(T, V);
        BufferHandle kCache = b.Allocate("k", DType.F16, new Shape(K, R, W)), vCache = b.Allocate("v", DType.F16, new Shape(K, R, W));
        Activations xRows = Rows(D), oRows = Rows(H * W), gRows = Rows(F);
        b.Write<float>(weight, [.. Enumerable.Repeat(1.1f, D)]);
        b.Write<float>(headWeight, [.. Enumerable.Repeat(0.9f, W)]);
        b.Write<int>(suppress, [3, 5]);

        void Product(IPass p, Activations rows, WeightMatrix w, BufferHandle y)
        {
            if (T > MatVec.MaxRows)
                p.MatMul(new(rows, w, y, T));
            else
                p.MatVec(new(rows, w, y, T));
        }

        KvRows cache = new(kCache, vCache, R);
        AttentionDecode.Args attention = new(q, cache, positions, positions, o, T, H, K, W, 40);
        Action<IPass>[] steps = fused
            ?
        [
            p => p.Embed(new(ids, table, 11, x, T)),
            p => p.RmsNorm(new(x, weight, a, T, D, 1e-6f)),
            p => p.QuantizeRows(new(a, xRows, DType.Q4, T, D)),
            p => p.MatVecQkv(new(xRows, wq, wk, null, q, k, v, T)),
            p => p.RmsNormRopeAppend(new(q, k, k, v, headWeight, headWeight, angles, cache, positions, T, H, K, W, 1e-6f)),
            p => p.AttentionDecodeQuantize(new(attention, oRows, DType.Q4)),
            p => Product(p, oRows, wo, a),
            p => p.AddRmsNormQuantize(new(new(x, a, weight, 1, weight, a, T, D, 1e-6f), xRows, DType.Q4)),
            p => p.MatVecGeGlu(new(xRows, gate, up, g, u, gRows, DType.Q4, T)),
            p => Product(p, gRows, down, a),
            p => p.AddRmsNormQuantize(new(new(x, a, weight, 0.8f, weight, a, T, D, 1e-6f), xRows, DType.Q8)),
            p => Product(p, xRows, table, logits),
            p => p.SoftCap(new(logits, logits, 30, T * V)),
            p => p.Sample(new(logits, suppress, 2, positions, drawn, T, V, new Sample.Choice(1, 20, 0.9f, 0, 7))),
        ]
            :
        [
            p => p.Embed(new(ids, table, 11, x, T)),
            p => p.RmsNorm(new(x, weight, a, T, D, 1e-6f)),
            p => p.QuantizeRows(new(a, xRows, DType.Q4, T, D)),
            p => Product(p, xRows, wq, q),
            p => Product(p, xRows, wk, k),
            p => p.RmsNorm(new(k, null, v, T * K, W, 1e-6f)),
            p => p.RmsNormRope(new(q, headWeight, angles, q, T, H, W, 1e-6f)),
            p => p.Rope(new(k, angles, k, T, K, W)),
            p => p.KvAppend(new(k, v, cache, positions, T, K, W)),
            p =>
            {
                if (T > MatVec.MaxRows)
                    p.AttentionPrefill(new(q, cache, positions, positions, o, T, H, K, W, 40));
                else
                    p.AttentionDecode(attention);
            },
            p => p.QuantizeRows(new(o, oRows, DType.Q4, T, H * W)),
            p => Product(p, oRows, wo, a),
            p => p.AddRmsNorm(new(x, a, weight, 1, weight, a, T, D, 1e-6f)),
            p => p.QuantizeRows(new(a, xRows, DType.Q4, T, D)),
            p => Product(p, xRows, gate, g),
            p => Product(p, xRows, up, u),
            p => p.GeGlu(new(g, u, g, T, F)),
            p => p.QuantizeRows(new(g, gRows, DType.Q4, T, F)),
            p => Product(p, gRows, down, a),
            p => p.AddRmsNorm(new(x, a, weight, 0.8f, weight, a, T, D, 1e-6f)),
            p => p.QuantizeRows(new(a, xRows, DType.Q8, T, D)),
            p => Product(p, xRows, table, logits),
            p => p.SoftCap(new(logits, logits, 30, T * V)),
            p => p.Sample(new(logits, suppress, 2, positions, drawn, T, V, new Sample.Choice(1, 20, 0.9f, 0, 7))),
        ];
        IRecording[] recordings = together
            ? [b.Record("pass", p => Array.ForEach(steps, step => step(p)))]
            : [.. steps.Select((step, i) => b.Record($"step {i}", step))];

        List<float> seen = [];
        int[] next = [.. Enumerable.Range(10, T)];
        for (int run = 0; run < 6; run++)
        {
            b.Write<int>(ids, next);
            b.Write<int>(positions, [.. Enumerable.Range(run * T, T)]);
            b.Write<float>(angles, [.. Enumerable.Range(0, T * W).Select(i => i % W < W / 2 ? MathF.Cos(run + i) : MathF.Sin(run + i - (W / 2)))]);
            Array.ForEach(recordings, b.Run);
            b.Read<int>(drawn, next);
            seen.AddRange(test.Read(a));
            seen.AddRange(next.Select(id => (float)id));
        }

        Assert.All(seen, value => Assert.True(float.IsFinite(value)));
        Array.ForEach(recordings, r => r.Dispose());
        return [.. seen];
    }
}
