using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class CutPatchesTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void TwoPatchesSideBySide(string backend)
    {
        // Two patches of 2 x 2 pixels in one picture of 2 x 4: each takes two pixels of both lines, colours together.
        byte[] pixels = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
        float[] levels = [.. Enumerable.Range(0, 256).Select(i => (float)(10 * i))];
        int[] expected = [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23];
        Assert.Equal(expected.Select(i => 10f * i), Run(backend, pixels, levels, 1, 2, 2));
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EveryLevelHasItsOwnValue(string backend)
    {
        // 256 values do not fill a patch of 48: the picture repeats them.
        byte[] pixels = [.. Enumerable.Range(0, 6912).Select(i => (byte)i)];
        float[] image = [.. Enumerable.Range(0, 256).Select(i => i * (1f / 255))];
        float[] frame = [.. Enumerable.Range(0, 256).Select(i => i / 255f)];
        Assert.Equal(126, image.Zip(frame).Count(pair => pair.First != pair.Second));
        Comparison.Same([.. pixels.Select(level => image[level])], Run(backend, pixels, image, 1, 1, 48), "image");
        Comparison.Same([.. pixels.Select(level => frame[level])], Run(backend, pixels, frame, 1, 1, 48), "frame");
    }

    [KernelProperty(40)]
    public void EqualsReference(PatchRows rows, PatchColumns columns, PatchSide S, Seed seed)
    {
        byte[] pixels = new byte[rows * columns * S * S * 3];
        new Random(seed).NextBytes(pixels);
        float[] levels = DrawnValues.Of(256, seed);
        float[] expected = new float[pixels.Length];
        CutPatches.Reference(pixels, levels, expected, rows, columns, S);
        Backends.Each(backend => Comparison.Same(expected, Run(backend, pixels, levels, rows, columns, S), "patches"));
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void LargestPicture(string backend)
    {
        // 1120 patches, as wide as a budget of 1120 allows.
        byte[] pixels = new byte[1120 * 6912];
        new Random(3).NextBytes(pixels);
        float[] levels = DrawnValues.Of(256, 4);
        float[] expected = new float[pixels.Length];
        CutPatches.Reference(pixels, levels, expected, 28, 40, 48);
        Comparison.Same(expected, Run(backend, pixels, levels, 28, 40, 48), "patches");
    }

    private static float[] Run(string backend, byte[] pixels, float[] levels, int Rows, int Columns, int S)
    {
        using KernelSession session = new(backend);
        var y = session.Empty(DType.F32, pixels.Length);
        var input = session.Bytes(pixels);
        var table = session.Floats(levels);
        session.Run(pass => pass.CutPatches(new(input, table, y, Rows, Columns, S)));
        return session.Read(y);
    }
}
