using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>A pass may hold rows of several sessions: the kernels that touch a cache, or draw, take a part of its rows.</summary>
public class SharedPassTests
{
    [KernelProperty(30)]
    public void AttentionOfAPartIsThatOfItsRowsAlone(FewRows T, FewRows first, AttentionSizes sizes, Seed seed)
    {
        AttentionCase c = AttentionCases.Of(sizes, T, seed);
        Backends.Each(backend =>
        {
            float[] shared = c.Run(backend, decode: true, first);
            int before = first * c.H * c.W;
            Assert.All(shared.Take(before), value => Assert.True(float.IsNaN(value), $"{c}: a row of another part was written"));
            Comparison.Same(c.Run(backend, decode: true), shared.AsSpan(before), $"{c}");
        });
    }

    [KernelProperty(30)]
    public void RowsOfAPartGoToItsCache(KvHeads K, GroupedHeadWidth W, Seed seed)
    {
        const int R = 5;
        DType format = seed.Pick(DType.F32, DType.F16, DType.Q8);
        Random random = new(seed);
        int[] parts = [random.Next(1, 4), random.Next(1, 4), random.Next(1, 4)];
        float[] rows = DrawnValues.Of(parts.Sum() * K * W, seed);
        int[] positions = [.. parts.SelectMany((T, part) => Enumerable.Range((seed + (part * 17)) % 1000, T))];
        float[] before = KernelSession.Stored(DrawnValues.Of(K * R * W, seed + 1), format);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            BufferHandle source = session.Floats(rows);
            BufferHandle at = session.Ints(positions);
            KvRows[] shared = [.. parts.Select(_ => Cache(session))];
            KvRows[] alone = [.. parts.Select(_ => Cache(session))];
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
        });

        KvRows Cache(KernelSession session)
        {
            (BufferHandle k, BufferHandle? kScales) = session.Cache(before, format);
            (BufferHandle v, BufferHandle? vScales) = session.Cache(before, format);
            return new KvRows(k, v, R, kScales, vScales);
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EachPartIsDrawnInItsOwnWay(string backend)
    {
        const int V = 777;
        float[] logits = DrawnValues.Of(6 * V, 3, 5);
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
