using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Png;

/// <summary>
/// Reads a PNG file (W3C, third edition): every colour type, depth and interlacing; of an animation the default picture. The
/// orientation of an eXIf chunk, or of EXIF data or XMP in a text chunk, is applied.
/// <code>
/// 8 bytes of signature, then chunks:   length, 4 bytes big-endian | name, 4 letters | content | CRC-32 of name and content
/// IHDR first, PLTE and tRNS before the data, IDAT any number of times: one zlib stream, IEND last
/// </code>
/// The file is untrusted: lengths, check values, sizes and the palette are checked; nothing is allocated for pixels that the compressed data
/// cannot hold (deflate makes at most 1032 bytes of one).
/// </summary>
internal static class PngReader
{
    private const int MostExpansion = 1032;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Decodes a file's bytes.</summary>
    /// <exception cref="GemmaVkException">They are no whole PNG file, or go beyond a limit.</exception>
    public static Picture Read(byte[] file, string path, MediaLimits limits, CancellationToken token)
    {
        if (!file.AsSpan().StartsWith(Signature))
        {
            throw Damaged(path, "it does not begin as a PNG file does");
        }

        Parts parts = ReadChunks(file, path, limits);
        PngHeader header = parts.Header;
        long compressed = 0;
        foreach (Range part in parts.Data)
        {
            compressed += part.End.Value - part.Start.Value;
        }

        if (header.DataBytes > compressed * MostExpansion)
        {
            throw Truncated(path);
        }

        PngColors colors = new(header, file.AsSpan(parts.Palette), file.AsSpan(parts.Transparency), path);
        byte[] rgb = new byte[(long)header.Width * header.Height * 3];
        using PngRows rows = new(new ChunkStream(file, parts.Data), header.RowBytes(header.Width), header.PixelBytes, path);
        foreach (PngPass pass in header.Passes)
        {
            int columns = pass.Columns(header.Width), count = columns == 0 ? 0 : pass.Rows(header.Height);
            rows.StartPass();
            for (int i = 0; i < count; i++)
            {
                token.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> row = rows.Next(header.RowBytes(columns));
                long at = ((((long)pass.Top + ((long)i * pass.DownStep)) * header.Width) + pass.Left) * 3;
                colors.Write(row, columns, rgb.AsSpan((int)at), pass.AcrossStep * 3);
            }
        }

        return Orientation.Apply(new Picture(header.Height, header.Width, rgb), parts.Orientation);
    }

    public static GemmaVkException Bad(string path, string expected, string actual) =>
        new($"{path} must be a PNG file with {expected}, but has {actual}; save or export the picture again.");

    public static GemmaVkException Damaged(string path, string why, Exception? inner = null)
    {
        string message = $"{path} must be a whole PNG file, but {why}; copy or save it again.";
        return inner is null ? new GemmaVkException(message) : new GemmaVkException(message, inner);
    }

    public static GemmaVkException Truncated(string path) => Damaged(path, "its data end before the last row (a truncated download?)");

    private static Parts ReadChunks(byte[] file, string path, MediaLimits limits)
    {
        const int Frame = 12;
        PngHeader? header = null;
        List<Range> data = [];
        Range palette = default, transparency = default;
        PngOrientation orientation = new();
        for (int at = Signature.Length; ;)
        {
            if (file.Length - at < Frame)
            {
                throw Damaged(path, "it ends before its IEND chunk (a truncated download?)");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            string name = Encoding.Latin1.GetString(file, at + 4, 4);
            if (length > file.Length - at - Frame)
            {
                throw Damaged(path, $"its chunk \"{Shown(name)}\" gives {length} bytes where {file.Length - at - Frame} are left (a truncated download?)");
            }

            Range content = new(at + 8, at + 8 + (int)length);
            bool first = header is null;
            if (first != (name == "IHDR"))
            {
                throw Damaged(path, "its header is not its first chunk");
            }

            bool needed = char.IsAsciiLetterUpper(name[0]) || name is "tRNS" or "eXIf";
            if (needed && Crc32.Of(file.AsSpan(at + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(content.End.Value)))
            {
                throw Damaged(path, $"its chunk \"{Shown(name)}\" has another check value than its bytes");
            }

            switch (name)
            {
                case "IHDR":
                    header = PngHeader.Parse(file.AsSpan(content), path, limits);
                    break;
                case "PLTE" when data.Count == 0:
                    palette = content;
                    break;
                case "tRNS" when data.Count == 0:
                    transparency = content;
                    break;
                case "eXIf" or "iTXt" or "tEXt" or "zTXt":
                    orientation.Look(name, file.AsSpan(content));
                    break;
                case "IDAT":
                    data.Add(content);
                    break;
                case "IEND":
                    return new Parts(header!.Value, data, palette, transparency, orientation.Value);
                case "PLTE" or "tRNS":
                    throw Damaged(path, $"its chunk \"{name}\" comes after the data");
                default:
                    if (char.IsAsciiLetterUpper(name[0]))
                    {
                        throw Damaged(path, $"its chunk \"{Shown(name)}\", which is marked as one that must be understood, is in no specification");
                    }

                    break;
            }

            at = content.End.Value + 4;
        }
    }

    // Chunk names are bytes from outside, and messages go to a terminal.
    private static string Shown(string name) => string.Create(4, name, (shown, bytes) =>
    {
        for (int i = 0; i < shown.Length; i++)
        {
            shown[i] = char.IsAsciiLetterOrDigit(bytes[i]) ? bytes[i] : '?';
        }
    });

    /// <summary>What a decoder needs, as places in the file.</summary>
    private sealed record Parts(PngHeader Header, IReadOnlyList<Range> Data, Range Palette, Range Transparency, int Orientation);
}
