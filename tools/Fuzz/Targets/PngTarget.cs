using System.Collections.Generic;
using System.IO;
using System.Threading;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Media;
using GemmaVk.Media.Png;

namespace GemmaVk.Fuzz.Targets;

/// <summary>PNG pictures.</summary>
internal sealed class PngTarget : Target
{
    private static readonly MediaLimits Limits = new() { Pixels = 1 << 18, Side = 4096 };

    public override string Name => "png";

    public override string Reads => "PNG pictures";

    public override IMutation Structure { get; } = new ChunkMutation(png: true);

    public override IEnumerable<byte[]> Seeds() => [Small(), .. Fuzz.Seeds.Files(["tests", "golden", "media", "images"], "*.png", 4000), .. Fuzz.Seeds.Files(["weights", "examples"], "*.png", 1400)];

    // Three bytes a pixel, twice where it is turned.
    public override long MostAllocated(int length) => (2L << 20) + (64L * length);

    public override bool Parse(byte[] input)
    {
        Picture picture = PngReader.Read(input, "picture", Limits, CancellationToken.None);
        return picture.Rgb.Length == 3L * picture.Width * picture.Height
            ? true
            : throw new WrongResultException($"{picture.Width} x {picture.Height} pixels in {picture.Rgb.Length} bytes");
    }

    public override Target Another() => new PngTarget();

    private static byte[] Small()
    {
        using MemoryStream bytes = new();
        PngWriter.Write(new Picture(2, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]), bytes);
        return bytes.ToArray();
    }
}
