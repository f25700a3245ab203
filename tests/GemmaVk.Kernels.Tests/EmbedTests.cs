using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class EmbedTests
{
    [KernelProperty(40)]
    public void EqualsReferenceAndLeavesSoftRows(Rows T, Outputs V, Columns columns, WeightFormat format, Seed seed)
    {
        int D = OperandBuffers.Whole(format.DType, columns);
        RandomMatrix table = new(format.DType, V, D, seed);
        Random random = new(seed);
        int[] ids = [.. Enumerable.Range(0, T).Select(_ => random.Next(-1, V))];
        float[] before = DrawnValues.Of(T * D, seed);
        float[] expected = [.. before];
        Embed.Reference(ids, format.DType, table.Data, table.Scales, D, 61.97f, expected);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            var x = session.Floats(before);
            var idBuffer = session.Ints(ids);
            var matrix = session.Place(table);
            session.Run(pass => pass.Embed(new(idBuffer, matrix, 61.97f, x, T)));
            Comparison.Close(expected, session.Read(x), Tolerances.Embed, "x");
        });
    }

    /// <summary>A table of more bytes than a backend places at once: each piece lies where its rows are.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void RowsOfALargeTable(string backend)
    {
        foreach ((DType format, int V) in new[] { (DType.Q4, 5000), (DType.Q5K, 4000) })
        {
            RandomMatrix table = new(format, V, 3840, 5);
            int[] ids = [0, 1, 127, 128, 2047, V / 2, V - 1];
            float[] expected = new float[ids.Length * 3840];
            Embed.Reference(ids, format, table.Data, table.Scales, 3840, 1, expected);
            using KernelSession session = new(backend);
            var x = session.Empty(DType.F32, expected.Length);
            var idBuffer = session.Ints(ids);
            var matrix = session.Place(table);
            session.Run(pass => pass.Embed(new(idBuffer, matrix, 1, x, ids.Length)));
            Comparison.Close(expected, session.Read(x), Tolerances.Embed, $"{format}");
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EveryFloat8Code(string backend)
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(code => (byte)code)];
        float[] published = GoldenFile.Open("ops/types.safetensors").Floats("fp8_e4m3");
        using KernelSession session = new(backend);
        var x = session.Empty(DType.F32, 256);
        var ids = session.Ints(0);
        var table = session.Place(new RandomMatrix(DType.F8E4M3, 1, 256, codes, [BFloat16.FromSingle(1)]));
        session.Run(pass => pass.Embed(new(ids, table, 1, x, 1)));
        Comparison.Close(published, session.Read(x), default, "codes");
    }
}
