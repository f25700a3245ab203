using FsCheck.Fluent;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

// Letters: T rows, D width of a row.

public class PlaceRowsTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void RowsLandAndTheOthersStay(string backend) =>
        Shapes.ForAll(
            from T in Shapes.Rows from D in Shapes.Widths from first in Gen.Elements(0, 1, 3, 17) from seed in Shapes.Seeds select (T, D, first, seed),
            shape =>
            {
                (int T, int D, int first, int seed) = shape;
                float[] rows = Shapes.Values(T * D, seed);
                float[] x = Shapes.Values((first + T + 2) * D, seed + 1);
                float[] expected = [.. x];
                PlaceRows.Reference(rows, expected, T, D, first);

                using KernelSession session = new(backend);
                var from = session.Floats(rows);
                var to = session.Floats(x);
                session.Run(pass => pass.PlaceRows(new(from, to, T, D, first)));
                Comparison.Same(expected, session.Read(to), "x");
                Assert.Equal(x[..(first * D)], session.Read(to)[..(first * D)]);
            });
}
