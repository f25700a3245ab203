using System;
using System.IO;
using System.IO.Compression;
using System.Numerics;

namespace GemmaVk.Media.Png;

/// <summary>
/// Rows of a PNG pass as samples: inflated, and the filter undone that made each row easier to compress. No more is inflated than
/// the rows need, however much more the data would give.
/// </summary>
internal sealed class PngRows : IDisposable
{
    private readonly string _path;
    private readonly int _pixelBytes;
    private readonly ZLibStream _data;
    private byte[] _row;
    private byte[] _above;

    /// <param name="compressed">The data of all IDAT chunks; disposed with this.</param>
    /// <param name="longest">Bytes of the longest row.</param>
    /// <param name="pixelBytes">How far back a filter looks.</param>
    /// <param name="path">Named in messages.</param>
    public PngRows(Stream compressed, int longest, int pixelBytes, string path)
    {
        _data = new ZLibStream(compressed, CompressionMode.Decompress);
        _path = path;
        _pixelBytes = pixelBytes;

        // A filter looks back into zeros left of the row: they are there, so that no loop asks.
        _row = new byte[pixelBytes + longest];
        _above = new byte[pixelBytes + longest];
    }

    /// <summary>A new pass begins: nothing is above its first row.</summary>
    public void StartPass() => Array.Clear(_row);

    /// <summary>The next row; valid until the one after.</summary>
    public ReadOnlySpan<byte> Next(int length)
    {
        (_row, _above) = (_above, _row);
        Span<byte> filter = stackalloc byte[1];
        Span<byte> row = _row.AsSpan(_pixelBytes, length);
        try
        {
            if (_data.ReadAtLeast(filter, 1, throwOnEndOfStream: false) < 1 || _data.ReadAtLeast(row, length, throwOnEndOfStream: false) < length)
            {
                throw PngReader.Truncated(_path);
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            // One that needs a dictionary is said by another exception than one that is damaged.
            throw PngReader.Damaged(_path, "its compressed data are no zlib stream that can be read by itself", error);
        }

        Unfilter(filter[0], row, _row.AsSpan(0, length), _above.AsSpan(_pixelBytes, length), _above.AsSpan(0, length));
        return row;
    }

    public void Dispose() => _data.Dispose();

    // Spans of equal length: the row, the same a pixel to the left, the row above, and that a pixel to the left.
    private void Unfilter(byte filter, Span<byte> row, Span<byte> left, Span<byte> above, Span<byte> aboveLeft)
    {
        switch (filter)
        {
            case 0:
                break;
            case 1:
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += left[i];
                }

                break;
            case 2:
                int vectors = row.Length - (row.Length % Vector<byte>.Count);
                for (int i = 0; i < vectors; i += Vector<byte>.Count)
                {
                    (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
                }

                for (int i = vectors; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                break;
            case 3:
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += (byte)((left[i] + above[i]) >> 1);
                }

                break;
            case 4:
                for (int i = 0; i < row.Length && i < left.Length && i < above.Length && i < aboveLeft.Length; i++)
                {
                    row[i] += Paeth(left[i], above[i], aboveLeft[i]);
                }

                break;
            default:
                throw PngReader.Damaged(_path, $"a row has the filter {filter}, and there are 0 to 4");
        }
    }

    // The neighbour closest to left + above - above left; ties in this order.
    private static byte Paeth(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft), toAbove = Math.Abs(left - aboveLeft), toCorner = Math.Abs(left + above - (2 * aboveLeft));
        int near = toAbove <= toCorner ? above : aboveLeft;
        return (byte)(toLeft <= toAbove && toLeft <= toCorner ? left : near);
    }
}
