using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

// Letters: M positions per axis, D width of a row.

public class AddPositionsTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ColumnsAreTheFirstAxis(string backend)
    {
        // Position i of the first axis says i, of the second 10 i: patch (row 1, column 2) of two rows of three gets 2 + 10.
        float[] table = [.. Enumerable.Range(0, 3).SelectMany(i => new float[] { i, i, 10 * i, 10 * i })];
        float[] y = Run(backend, [.. Enumerable.Repeat(100f, 12)], table, 2, 3, 2);
        Assert.Equal(new float[] { 100, 100, 101, 101, 102, 102, 110, 110, 111, 111, 112, 112 }, y);
    }

    [KernelProperty(40)]
    public void EqualsReference(PatchRows rows, PatchColumns columns, EvenWidth D, Seed seed) =>
        Backends.Each(backend => Compare(backend, rows, columns, D, 19, seed));

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void TheWidestPicture(string backend) => Compare(backend, 1, 1120, 3840, 1120, 8);

    private static void Compare(string backend, int Rows, int Columns, int D, int M, int seed)
    {
        float[] x = DrawnValues.Of(Rows * Columns * D, seed);
        float[] table = DrawnValues.Of(M * 2 * D, seed + 1);
        float[] expected = [.. x];
        AddPositions.Reference(expected, Bits(table), Rows, Columns, D);
        Comparison.Close(expected, Run(backend, x, table, Rows, Columns, D), Tolerances.AddPositions, "x", 24);
    }

    private static ushort[] Bits(float[] values) => Array.ConvertAll(values, BFloat16.FromSingle);

    private static float[] Run(string backend, float[] x, float[] table, int Rows, int Columns, int D)
    {
        using KernelSession session = new(backend);
        var rows = session.Floats(x);
        var positions = session.BFloat16s(Bits(table));
        session.Run(pass => pass.AddPositions(new(rows, positions, Rows, Columns, D)));
        return session.Read(rows);
    }
}
