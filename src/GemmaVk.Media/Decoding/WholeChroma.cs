using System;
using System.Buffers.Binary;

namespace GemmaVk.Media.Decoding;

/// <summary>
/// A lossy picture of odd size as its blocks hold it, with the column or row more that its last colours cover. ffmpeg spreads the colours over the columns that
/// it is told: nine of them over seventeen columns, in place of one over each two, and what is coloured leaves its edges by up to a column. Blocks are of 8 or 16
/// columns, so a size that is rounded up to what a colour covers has the same blocks.
/// </summary>
/// <param name="File">The file with the rounded size in its header.</param>
/// <param name="Width">Columns that are shown.</param>
/// <param name="Height">Rows that are shown.</param>
internal sealed record WholeChroma(byte[] File, int Width, int Height)
{
    /// <summary>The file to decode, or null where it is to be decoded as it is.</summary>
    public static WholeChroma? Of(byte[] file, MediaKind kind) => kind.Format switch
    {
        "JPEG" => OfJpeg(file),
        "WebP" => OfWebp(file),
        _ => null,
    };

    /// <summary>The decoded picture without what is not shown of it.</summary>
    public Picture Cut(Picture decoded)
    {
        // A damaged file may hold a second header, which the decoder follows.
        if (decoded.Width < Width || decoded.Height < Height)
        {
            return decoded;
        }

        byte[] rgb = new byte[3L * Width * Height];
        for (int y = 0; y < Height; y++)
        {
            decoded.Rgb.AsSpan(3 * y * decoded.Width, 3 * Width).CopyTo(rgb.AsSpan(3 * y * Width));
        }

        return new Picture(Height, Width, rgb);
    }

    // FF, mark, length; a frame of cosines: bits, height, width, number of components, then id, factors, table of each.
    private static WholeChroma? OfJpeg(byte[] file)
    {
        const byte Baseline = 0xC0, Extended = 0xC1, Progressive = 0xC2, StartOfScan = 0xDA, Temporary = 0x01, FirstRestart = 0xD0, LastRestart = 0xD7;
        for (int at = 2; at + 4 <= file.Length && file[at] == 0xFF;)
        {
            byte mark = file[at + 1];
            if (mark is 0xFF or Temporary or (>= FirstRestart and <= LastRestart))
            {
                at += mark == 0xFF ? 1 : 2;
                continue;
            }

            ReadOnlySpan<byte> segment = file.AsSpan(at + 2);
            int length = BinaryPrimitives.ReadUInt16BigEndian(segment);
            if (mark == StartOfScan || length < 2 || length > segment.Length)
            {
                return null;
            }

            if (mark is Baseline or Extended or Progressive)
            {
                return length >= 8 && length >= 8 + (3 * segment[7]) ? OfFrame(file, at + 5, segment[7]) : null;
            }

            at += 2 + length;
        }

        return null;
    }

    private static WholeChroma? OfFrame(byte[] file, int size, int components)
    {
        int across = 1, down = 1;
        for (int i = 0; components > 1 && i < components; i++)
        {
            byte factors = file[size + 6 + (3 * i)];
            across = Math.Max(across, factors >> 4);
            down = Math.Max(down, factors & 15);
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(size)), width = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(size + 2));
        int wholeHeight = Rounded(height, down), wholeWidth = Rounded(width, across);

        // Other factors have other rules, and a height of 0 is said behind the scan.
        if (across is not (1 or 2 or 4) || down is not (1 or 2 or 4) || height == 0 || width == 0
            || Math.Max(wholeHeight, wholeWidth) > ushort.MaxValue || (wholeHeight, wholeWidth) == (height, width))
        {
            return null;
        }

        byte[] whole = [.. file];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(size), (ushort)wholeHeight);
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(size + 2), (ushort)wholeWidth);
        return new WholeChroma(whole, width, height);
    }

    // A lossy frame: 3 bytes, 9D 01 2A, width and height of 14 bits. Before it VP8X may say its size again: 4 bytes, then width - 1 and height - 1 of 24 bits.
    private static WholeChroma? OfWebp(byte[] file)
    {
        const int FileHeader = 12, FrameSize = 6, CanvasSize = 4, Largest = 0x3FFF;
        int canvas = -1;
        foreach ((int start, int length, uint name) in new RiffChunks(file, FileHeader))
        {
            if (name == RiffChunks.Name("VP8X"u8) && length >= CanvasSize + 6)
            {
                canvas = start + CanvasSize;
            }
            else if (name == RiffChunks.Name("ANMF"u8) || name == RiffChunks.Name("ALPH"u8))
            {
                // Transparency has the size that is said, and no colours.
                return null;
            }
            else if (name == RiffChunks.Name("VP8 "u8) && length >= FrameSize + 4 && file.AsSpan(start + FrameSize - 3).StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
            {
                int width = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(start + FrameSize)), height = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(start + FrameSize + 2));
                bool plain = width is > 0 and < Largest && height is > 0 and < Largest && (canvas < 0 || Says(file.AsSpan(canvas), width, height));
                return plain && (width | height) % 2 != 0 ? OfLossy(file, start + FrameSize, canvas, width, height) : null;
            }
        }

        return null;
    }

    private static WholeChroma OfLossy(byte[] file, int size, int canvas, int width, int height)
    {
        byte[] whole = [.. file];
        BinaryPrimitives.WriteUInt16LittleEndian(whole.AsSpan(size), (ushort)Rounded(width, 2));
        BinaryPrimitives.WriteUInt16LittleEndian(whole.AsSpan(size + 2), (ushort)Rounded(height, 2));
        if (canvas >= 0)
        {
            // The sizes are of 14 bits: the third byte stays 0.
            BinaryPrimitives.WriteUInt16LittleEndian(whole.AsSpan(canvas), (ushort)(Rounded(width, 2) - 1));
            BinaryPrimitives.WriteUInt16LittleEndian(whole.AsSpan(canvas + 3), (ushort)(Rounded(height, 2) - 1));
        }

        return new WholeChroma(whole, width, height);
    }

    private static bool Says(ReadOnlySpan<byte> canvas, int width, int height) =>
        BinaryPrimitives.ReadUInt16LittleEndian(canvas) == width - 1 && BinaryPrimitives.ReadUInt16LittleEndian(canvas[3..]) == height - 1 && canvas[2] == 0 && canvas[5] == 0;

    private static int Rounded(int size, int step) => (size + step - 1) / step * step;
}
