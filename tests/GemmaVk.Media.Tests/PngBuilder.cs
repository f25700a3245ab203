using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace GemmaVk.Media.Tests;

/// <summary>Makes PNG files of every kind, good and bad, with its own check values and filters.</summary>
internal sealed class PngBuilder
{
    private static readonly (int Left, int Top, int Across, int Down)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public uint Width { get; init; } = 1;

    public uint Height { get; init; } = 1;

    public int Depth { get; init; } = 8;

    public int Color { get; init; } = 2;

    public int Interlace { get; init; }

    /// <summary>[Height, Width, Channels], each below 2^Depth.</summary>
    public int[] Samples { get; init; } = [];

    /// <summary>The filtered rows themselves, in place of <see cref="Samples"/>.</summary>
    public byte[]? Rows { get; init; }

    public byte[]? Palette { get; init; }

    public byte[]? Transparency { get; init; }

    public byte[]? Exif { get; init; }

    /// <summary>Bytes of each IDAT chunk.</summary>
    public int PartBytes { get; init; } = int.MaxValue;

    /// <summary>Chooses filters.</summary>
    public int Seed { get; init; } = 1;

    public int Channels => Color switch
    {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    };

    public byte[] Build()
    {
        using MemoryStream file = new();
        file.Write([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, Width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9], header[12]) = ((byte)Depth, (byte)Color, (byte)Interlace);
        Chunk(file, "IHDR", header);
        foreach ((string name, byte[]? content) in new[] { ("PLTE", Palette), ("tRNS", Transparency), ("eXIf", Exif) })
        {
            if (content is not null)
            {
                Chunk(file, name, content);
            }
        }

        using MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(Rows ?? FilteredRows());
        }

        byte[] bytes = data.ToArray();
        for (int at = 0; at < bytes.Length; at += Math.Min(PartBytes, bytes.Length - at))
        {
            Chunk(file, "IDAT", bytes.AsSpan(at, Math.Min(PartBytes, bytes.Length - at)));
        }

        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    public static void Chunk(Stream file, string name, ReadOnlySpan<byte> content)
    {
        byte[] chunk = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        Encoding.ASCII.GetBytes(name).CopyTo(chunk, 4);
        content.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), Crc(chunk.AsSpan(4, 4 + content.Length)));
        file.Write(chunk);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    private byte[] FilteredRows()
    {
        List<byte> rows = [];
        Random random = new(Seed);
        foreach ((int left, int top, int across, int down) in Interlace == 0 ? [(0, 0, 1, 1)] : Adam7)
        {
            byte[]? above = null;
            for (int y = top; y < Height && left < Width; y += down)
            {
                byte[] row = Pack(y, left, across);
                int filter = random.Next(5);
                rows.Add((byte)filter);
                for (int i = 0; i < row.Length; i++)
                {
                    int step = Math.Max(Channels * Depth / 8, 1);
                    int a = i < step ? 0 : row[i - step], b = above?[i] ?? 0, c = i < step ? 0 : above?[i - step] ?? 0;
                    int p = a + b - c;
                    int paeth = Math.Abs(p - a) <= Math.Abs(p - b) && Math.Abs(p - a) <= Math.Abs(p - c) ? a : Math.Abs(p - b) <= Math.Abs(p - c) ? b : c;
                    rows.Add((byte)(row[i] - (filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => paeth })));
                }

                above = row;
            }
        }

        return [.. rows];
    }

    private byte[] Pack(int y, int left, int across)
    {
        List<bool> bits = [];
        for (int x = left; x < Width; x += across)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                for (int bit = Depth - 1; bit >= 0; bit--)
                {
                    bits.Add(((Samples[(((y * (int)Width) + x) * Channels) + channel] >> bit) & 1) != 0);
                }
            }
        }

        byte[] row = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
        {
            row[i / 8] |= (byte)(bits[i] ? 0x80 >> (i % 8) : 0);
        }

        return row;
    }
}
