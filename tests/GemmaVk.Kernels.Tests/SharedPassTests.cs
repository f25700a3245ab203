using System;
using System.Linq;
using FsCheck.Fluent;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>A pass may hold rows of several sessions: the kernels that touch a cache, or draw, take a part of its rows.</summary>
public class SharedPassTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void AttentionOfAPartIsThatOfItsRowsAlone(string backend) =>
        Shapes.ForAll(
            from c in AttentionCase.Few
            from first in Gen.Choose(1, 7)
            select (c, first),
            shape =>
            {
                float[] shared = shape.c.Run(backend, decode: true, shape.first);
                int before = shape.first * shape.c.H * shape.c.W;
                Assert.All(shared.Take(before), value => Assert.True(float.IsNaN(value), $"{shape}: a row of another part was written"));
                Comparison.Same(shape.c.Run(backend, decode: true), shared.AsSpan(before), $"{shape}");
            },
            tests: 30);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void RowsOfAPartGoToItsCache(string backend) =>
        Shapes.ForAll(
            from parts in Gen.Choose(1, 3).ArrayOf(3)
            from K in Gen.Choose(1, 4)
            from W in Gen.Elements(32, 64, 256)
            from format in Gen.Elements(DType.F32, DType.F16, DType.Q8)
            from seed in Shapes.Seeds
            select (parts, K, W, format, seed),
            shape =>
            {
                (int[] parts, int K, int W, DType format, int seed) = shape;
                int all = parts.Sum(), R = 5;
                float[] rows = Shapes.Values(all * K * W, seed);
                int[] positions = [.. parts.SelectMany((T, part) => Enumerable.Range((seed + (part * 17)) % 1000, T))];
                float[] before = KernelSession.Stored(Shapes.Values(K * R * W, seed + 1), format);
                using KernelSession session = new(backend);
                BufferHandle source = session.Floats(rows);
                BufferHandle at = session.Ints(positions);
                KvRows[] shared = [.. parts.Select(_ => Cache())];
                KvRows[] alone = [.. parts.Select(_ => Cache())];
                int first = 0;
                for (int part = 0; part < parts.Length; first += parts[part++])
                {
                    (int T, int own) = (parts[part], first);
                    BufferHandle ownRows = session.Floats(rows.AsSpan(own * K * W, T * K * W));
                    BufferHandle ownAt = session.Ints(positions.AsSpan(own, T));
                    KvRows mine = shared[part], other = alone[part];
                    session.Run(pass => pass.KvAppend(new(source, source, mine, at, T, K, W, own)));
                    session.Run(pass => pass.KvAppend(new(ownRows, ownRows, other, ownAt, T, K, W)));
                }

                for (int part = 0; part < parts.Length; part++)
                {
                    Assert.Equal(session.Read<byte>(alone[part].Values), session.Read<byte>(shared[part].Values));
                    Assert.Equal(session.Read<byte>(alone[part].Keys!), session.Read<byte>(shared[part].Keys!));
                }

                KvRows Cache()
                {
                    (BufferHandle k, BufferHandle? kScales) = session.Cache(before, format);
                    (BufferHandle v, BufferHandle? vScales) = session.Cache(before, format);
                    return new KvRows(k, v, R, kScales, vScales);
                }
            },
            tests: 30);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EachPartIsDrawnInItsOwnWay(string backend)
    {
        const int V = 777;
        float[] logits = Shapes.Values(6 * V, 3, 5);
        int[] positions = [4, 5, 900, 17, 18, 19];
        (int T, Sample.Choice Choice)[] parts = [(2, new(1.2f, 40, 0.9f, Seed: 7)), (1, default), (3, new(0.8f, MinP: 0.05f, Seed: 8))];
        using KernelSession session = new(backend);
        BufferHandle all = session.Floats(logits);
        BufferHandle at = session.Ints(positions);
        BufferHandle suppress = session.Ints(11);
        BufferHandle drawn = session.Empty(DType.I32, 6);
        session.Run(pass =>
        {
            int first = 0;
            foreach ((int T, Sample.Choice choice) in parts)
            {
                pass.Sample(new(all, suppress, 1, at, drawn, T, V, choice, first));
                first += T;
            }
        });
        int[] shared = session.Read<int>(drawn);
        int row = 0;
        foreach ((int T, Sample.Choice choice) in parts)
        {
            BufferHandle own = session.Floats(logits.AsSpan(row * V, T * V));
            BufferHandle ownAt = session.Ints(positions.AsSpan(row, T));
            BufferHandle ids = session.Empty(DType.I32, T);
            session.Run(pass => pass.Sample(new(own, suppress, 1, ownAt, ids, T, V, choice)));
            Assert.Equal(session.Read<int>(ids), shared.AsSpan(row, T).ToArray());
            row += T;
        }
    }
}
