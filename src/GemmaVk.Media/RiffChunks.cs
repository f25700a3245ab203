using System;
using System.Buffers.Binary;

namespace GemmaVk.Media;

/// <summary>
/// Walks the chunks of a RIFF file: four letters, a length, that many bytes, one more where the length is odd. A chunk that is longer
/// than the file is cut at its end.
/// </summary>
internal ref struct RiffChunks(ReadOnlySpan<byte> file, int first)
{
    private readonly ReadOnlySpan<byte> _file = file;
    private long _next = first;

    /// <summary>Where the chunk's content is, and the chunk's name.</summary>
    public (int Start, int Length, uint Name) Current { get; private set; }

    public static uint Name(ReadOnlySpan<byte> letters) => BinaryPrimitives.ReadUInt32LittleEndian(letters);

    public readonly RiffChunks GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next > _file.Length - 8)
        {
            return false;
        }

        ReadOnlySpan<byte> chunk = _file[(int)_next..];
        uint declared = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        Current = ((int)_next + 8, (int)Math.Min(declared, (uint)chunk.Length - 8), Name(chunk));
        _next += 8L + declared + (declared & 1);
        return true;
    }
}
