using System;
using System.Buffers.Binary;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Png;

/// <summary>The checked content of a PNG file's first chunk.</summary>
/// <param name="Width">Columns, at least 1 and within the limits.</param>
/// <param name="Height">Rows, at least 1 and within the limits.</param>
/// <param name="Depth">Bits of a sample: 1, 2, 4, 8 or 16.</param>
/// <param name="Color">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.</param>
/// <param name="Interlaced">Adam7: seven pictures, each finer than those before.</param>
internal readonly record struct PngHeader(int Width, int Height, int Depth, int Color, bool Interlaced)
{
    public const int Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, RgbAlpha = 6;

    /// <summary>Samples of a pixel.</summary>
    public int Channels => Color switch
    {
        Rgb => 3,
        GreyAlpha => 2,
        RgbAlpha => 4,
        _ => 1,
    };

    /// <summary>Bytes of a pixel, at least 1: how far back a filter looks.</summary>
    public int PixelBytes => Math.Max(Channels * Depth / 8, 1);

    /// <summary>The pictures the data consist of: one, or Adam7's seven.</summary>
    public ReadOnlySpan<PngPass> Passes => Interlaced ? PngPass.Adam7 : PngPass.Whole;

    /// <summary>Bytes of a row of so many pixels, without the byte that names its filter.</summary>
    public int RowBytes(int pixels) => (int)((((long)pixels * Channels * Depth) + 7) / 8);

    /// <summary>Bytes of all rows of all passes, filter bytes included.</summary>
    public long DataBytes
    {
        get
        {
            long sum = 0;
            foreach (PngPass pass in Passes)
            {
                int columns = pass.Columns(Width);
                sum += columns == 0 ? 0 : (long)pass.Rows(Height) * (1 + RowBytes(columns));
            }

            return sum;
        }
    }

    public static PngHeader Parse(ReadOnlySpan<byte> content, string path, MediaLimits limits)
    {
        if (content.Length != 13)
        {
            throw PngReader.Bad(path, "a header of 13 bytes", $"one of {content.Length}");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(content), height = BinaryPrimitives.ReadUInt32BigEndian(content[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw PngReader.Bad(path, "sides from 1 to 2,147,483,647 pixels", $"{width} x {height}");
        }

        PictureFile.CheckPixels(width, height, path, limits);
        int depth = content[8], color = content[9];
        bool known = color switch
        {
            Grey => depth is 1 or 2 or 4 or 8 or 16,
            Palette => depth is 1 or 2 or 4 or 8,
            Rgb or GreyAlpha or RgbAlpha => depth is 8 or 16,
            _ => false,
        };
        if (!known || content[10] != 0 || content[11] != 0 || content[12] > 1)
        {
            throw PngReader.Bad(
                path, "one of the colour types, compressions, filters and interlacings of the PNG specification",
                $"colour type {color} with {depth} bits, compression {content[10]}, filter {content[11]}, interlacing {content[12]}");
        }

        return new PngHeader((int)width, (int)height, depth, color, content[12] == 1);
    }
}
