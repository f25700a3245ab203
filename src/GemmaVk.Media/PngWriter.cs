using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;
using GemmaVk.Media.Png;

namespace GemmaVk.Media;

/// <summary>Writes a picture as a PNG file: 8-bit RGB, each row as its difference from the row above.</summary>
public static class PngWriter
{
    /// <summary>Writes the bytes of a PNG file.</summary>
    public static void Write(Picture picture, Stream to)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(to);
        const byte Bits = 8;
        to.Write(PngReader.Signature);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = Bits;
        header[9] = PngHeader.Rgb;
        WriteChunk(to, "IHDR"u8, header);

        // The compressed picture is held in memory, because a chunk begins with its length.
        using MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            const byte FromAbove = 2;
            int length = picture.Width * 3;
            byte[] row = new byte[1 + length];
            row[0] = FromAbove;
            for (int y = 0; y < picture.Height; y++)
            {
                ReadOnlySpan<byte> pixels = picture.Rgb.AsSpan(y * length, length);
                ReadOnlySpan<byte> above = y == 0 ? [] : picture.Rgb.AsSpan((y - 1) * length, length);
                for (int i = 0; i < pixels.Length; i++)
                {
                    row[1 + i] = (byte)(pixels[i] - (y == 0 ? 0 : above[i]));
                }

                zlib.Write(row);
            }
        }

        WriteChunk(to, "IDAT"u8, data.GetBuffer().AsSpan(0, (int)data.Length));
        WriteChunk(to, "IEND"u8, []);
    }

    private static void WriteChunk(Stream to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        byte[] chunk = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        name.CopyTo(chunk.AsSpan(4));
        content.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), Crc32.Of(chunk.AsSpan(4, 4 + content.Length)));
        to.Write(chunk);
    }
}
