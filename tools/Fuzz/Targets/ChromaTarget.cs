using System.Collections.Generic;
using System.Linq;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Media;
using GemmaVk.Media.Decoding;

namespace GemmaVk.Fuzz.Targets;

/// <summary>The sizes of lossy pictures that are rounded for their decoder; what is malformed stays as it is.</summary>
internal sealed class ChromaTarget : Target
{
    // Sizes of a frame, and of the canvas around it.
    private const int MostChanged = 8;

    public override string Name => "chroma";

    public override string Reads => "the sizes of JPEG and WebP pictures";

    public override IMutation Structure { get; } = new ByteMutation();

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] frame = [.. "VP8 "u8, 10, 0, 0, 0, 0x10, 0, 0, 0x9D, 0x01, 0x2A, 17, 0, 33, 0];
        return
        [
            Jpeg(0xC0, 0x22), Jpeg(0xC2, 0x21), Jpeg(0xC1, 0x41),
            [.. "RIFF\x16\0\0\0WEBP"u8, .. frame],
            [.. "RIFF\x28\0\0\0WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 32, 0, 0, .. frame],
        ];
    }

    public override bool Parse(byte[] input)
    {
        if (MediaKind.OfBytes(input) is not { } kind || WholeChroma.Of(input, kind) is not { } whole)
        {
            return false;
        }

        bool sized = whole.Width > 0 && whole.Height > 0 && whole.File.Length == input.Length;
        if (!sized || input.Zip(whole.File).Count(pair => pair.First != pair.Second) > MostChanged || WholeChroma.Of(whole.File, kind) is not null)
        {
            throw new WrongResultException($"{whole.Width} x {whole.Height}");
        }

        _ = whole.Cut(new Picture(1, 2, new byte[6]));
        return true;
    }

    public override Target Another() => new ChromaTarget();

    // A frame of 17 x 33 with three components, the first of which has the factors.
    private static byte[] Jpeg(byte mark, byte factors) =>
    [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, mark, 0, 17, 8, 0, 33, 0, 17, 3, 1, factors, 0, 2, 0x11, 1, 3, 0x11, 1,
        0xFF, 0xDA, 0, 2, 7, 7, 7, 7, 0xFF, 0xD9,
    ];
}
