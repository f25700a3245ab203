using System;
using System.Linq;
using FsCheck.Xunit;
using Xunit;

namespace GemmaVk.Tensors.Tests;

public class LayoutTests
{
    [Fact]
    public void Q4HoldsTheLowerColumnInTheLowerNibble()
    {
        byte[] data = new byte[16];
        data[0] = 0x90;
        ushort[] scale = [BFloat16.FromSingle(2)];
        Assert.Equal(-16, QuantBlocks.Value(DType.Q4, data, scale, 32, 0, 0));
        Assert.Equal(2, QuantBlocks.Value(DType.Q4, data, scale, 32, 0, 1));
    }

    [Fact]
    public void BytesOfAMatrix()
    {
        Assert.Equal(3 * (32 + 4), QuantBlocks.MatrixBytes(DType.Q4, 3, 64));
        Assert.Equal(3 * (64 + 4), QuantBlocks.MatrixBytes(DType.Q8, 3, 64));
        Assert.Equal(3 * (64 + 2), QuantBlocks.MatrixBytes(DType.F8E4M3, 3, 64));
        Assert.Equal(3 * 128, QuantBlocks.MatrixBytes(DType.BF16, 3, 64));
        Assert.Throws<OverflowException>(() => QuantBlocks.MatrixBytes(DType.F32, long.MaxValue / 8, 64));
    }

    [Property(MaxTest = 100)]
    public void ShapesMultiplyAndPrint(Extents extents)
    {
        Shape shape = new([.. extents.List.Select(extent => (long)extent)]);
        Assert.Equal(extents.List.Aggregate(1L, (product, extent) => product * extent), shape.Count);
        Assert.Equal($"[{string.Join(", ", extents.List)}]", shape.ToString());
        Assert.Equal(1, shape[4]);
    }

    [Fact]
    public void ImpossibleShapesAreRefused()
    {
        Assert.Throws<OverflowException>(() => new Shape(long.MaxValue, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(1, 1, 1, 1, 1));
    }
}
