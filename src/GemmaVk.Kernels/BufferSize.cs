using System;
using System.Collections.Generic;

namespace GemmaVk.Kernels;

/// <summary>
/// A buffer in bytes, before it is allocated. A class, as all parts of a plan are: collections of structs would be compiled
/// while the program starts, which costs more time than planning.
/// </summary>
/// <param name="Name">As in messages and listings.</param>
/// <param name="Bytes">Size.</param>
/// <param name="RowBytes">Bytes that always lie together; large buffers are cut between such rows.</param>
/// <param name="Use">Device memory, or memory that the host writes and reads on every step.</param>
public sealed record BufferSize(string Name, long Bytes, long RowBytes, BufferUse Use = BufferUse.Device)
{
    /// <summary>Rows of a weight matrix that lie together: then each piece of data and of scales begins at a multiple of 256 bytes.</summary>
    public const int WeightRowsPerCut = 128;

    /// <summary>
    /// The pieces that a buffer is cut into where one may have at most <paramref name="limit"/> bytes: all but the last of
    /// the same size, the most whole rows that fit. A buffer within the limit is one piece, an empty one too.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">One row is larger than a piece may be.</exception>
    public static IEnumerable<long> Pieces(long bytes, long rowBytes, long limit)
    {
        long piece = bytes <= limit ? bytes : limit / rowBytes * rowBytes;
        if (piece == 0 && bytes > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, $"one row has {rowBytes} bytes");
        }

        return Cut(bytes, piece);
    }

    private static IEnumerable<long> Cut(long bytes, long piece)
    {
        for (; bytes > piece; bytes -= piece)
        {
            yield return piece;
        }

        yield return bytes;
    }
}
