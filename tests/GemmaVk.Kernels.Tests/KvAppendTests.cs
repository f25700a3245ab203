using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class KvAppendTests
{
    [KernelProperty(40)]
    public void EqualsReferenceInARing(Rows T, KvHeads K, HeadWidth W, SpareRows spare, bool half, bool keys, Seed seed)
    {
        // Without keys a width is a multiple of 8.
        bool keyed = keys || W % 8 != 0;
        DType format = half ? DType.F16 : DType.F32;
        int R = Math.Max(1, T + spare);
        float[] key = DrawnValues.Of(T * K * W, seed);
        float[] value = DrawnValues.Of(T * K * W, seed + 1, size: 1e-4f);
        int[] positions = [.. Enumerable.Range(seed % 5000, T)];
        float[] before = KernelSession.Stored(DrawnValues.Of(K * R * W, seed + 2), DType.F16);
        (float[] keyCache, float[] valueCache) = ([.. before], [.. before]);
        KvAppend.Reference(key, positions, keyCache, T, K, W, R);
        KvAppend.Reference(value, positions, valueCache, T, K, W, R);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            BufferHandle? k = keyed ? session.Cache(before, format).Rows : null;
            BufferHandle v = session.Cache(before, format).Rows;
            BufferHandle? keyBuffer = keyed ? session.Floats(key) : null;
            BufferHandle valueBuffer = session.Floats(value);
            BufferHandle positionBuffer = session.Ints(positions);
            KvRows cache = new(k, v, R, FromValues: keyed ? null : RebuiltKeys.Draw(W, 0, R, 1, seed).On(session));
            session.Run(pass => pass.KvAppend(new(keyBuffer, valueBuffer, cache, positionBuffer, T, K, W)));
            Comparison.Close(KernelSession.Stored(valueCache, format), session.Read(v), default, "values");
            if (keyed)
            {
                Comparison.Close(KernelSession.Stored(keyCache, format), session.Read(k!), default, "keys");
            }
        });
    }

    /// <summary>
    /// Scales are the reference's bit for bit, rows beside the new ones are untouched, and a step differs only where the value
    /// lies on a half.
    /// </summary>
    [KernelProperty(40)]
    public void EqualsReferenceInSteps(Rows T, KvHeads K, GroupedHeadWidth W, SpareRows spare, Seed seed)
    {
        int R = Math.Max(1, T + spare);
        float[] key = DrawnValues.Of(T * K * W, seed, seed.Pick(1f, 1e-4f, 300f, 1e-36f, 1e-39f, 0f));
        float[] value = DrawnValues.Of(T * K * W, seed + 1);
        Array.Clear(value, 0, Math.Min(32, value.Length));
        int[] positions = [.. Enumerable.Range(seed % 5000, T)];
        float[] before = DrawnValues.Of(K * R * W, seed + 2);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            (BufferHandle k, BufferHandle? kScales) = session.Cache(before, DType.Q8);
            (BufferHandle v, BufferHandle? vScales) = session.Cache(before, DType.Q8);
            BufferHandle keyBuffer = session.Floats(key);
            BufferHandle valueBuffer = session.Floats(value);
            BufferHandle positionBuffer = session.Ints(positions);
            session.Run(pass => pass.KvAppend(new(keyBuffer, valueBuffer, new KvRows(k, v, R, kScales, vScales), positionBuffer, T, K, W)));
            Check(key, session.Read<sbyte>(k), session.Read<ushort>(kScales!), "keys");
            Check(value, session.Read<sbyte>(v), session.Read<ushort>(vScales!), "values");
        });

        void Check(float[] rows, sbyte[] q, ushort[] scales, string what)
        {
            float[] all = [.. before];
            KvAppend.Reference(rows, positions, all, T, K, W, R);
            sbyte[] expected = new sbyte[all.Length];
            ushort[] expectedScales = new ushort[all.Length / 32];
            KvAppend.Quantise(all, expected, expectedScales);
            Assert.Equal(expectedScales, scales);
            for (int i = 0; i < q.Length; i++)
            {
                float unit = BFloat16.ToSingle(scales[i / 32]);
                // A device may take what is below the normal numbers for zero (VkPhysicalDeviceFloatControlsProperties: SwiftShader does).
                double exact = unit == 0 || (q[i] == 0 && !float.IsNormal(all[i])) ? 0 : all[i] / (double)unit;
                Assert.True(Math.Abs(q[i]) <= 127 && Math.Abs(q[i] - exact) <= 0.5 + 1e-4, $"{what}: at {i} {q[i]} for {exact}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void RoundsToHalfAsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/types.safetensors");
        float[] values = golden.Floats("float32");
        using KernelSession session = new(backend);
        BufferHandle input = session.Floats(values);
        BufferHandle keys = session.Empty(DType.F16, values.Length);
        BufferHandle rows = session.Empty(DType.F16, values.Length);
        BufferHandle position = session.Ints(0);
        session.Run(pass => pass.KvAppend(new(input, input, new KvRows(keys, rows, 1), position, 1, 1, values.Length)));
        float[] expected = [.. golden.Values<Half>("to_fp16").Select(half => (float)half)];
        Comparison.Close(expected, session.Read(rows), default, golden.Name);
    }
}
