using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

// Letters: T rows, D width of a row.

public class PlaceRowsTests
{
    [KernelProperty(40)]
    public void RowsLandAndTheOthersStay(Rows T, Width D, Seed seed)
    {
        int first = seed.Pick(0, 1, 3, 17);
        float[] rows = DrawnValues.Of(T * D, seed);
        float[] x = DrawnValues.Of((first + T + 2) * D, seed + 1);
        float[] expected = [.. x];
        PlaceRows.Reference(rows, expected, T, D, first);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            var from = session.Floats(rows);
            var to = session.Floats(x);
            session.Run(pass => pass.PlaceRows(new(from, to, T, D, first)));
            Comparison.Same(expected, session.Read(to), $"x from row {first}");
            Assert.Equal(x[..(first * D)], session.Read(to)[..(first * D)]);
        });
    }
}
