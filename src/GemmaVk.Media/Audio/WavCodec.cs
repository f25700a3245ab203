using System;
using System.Buffers.Binary;

namespace GemmaVk.Media.Audio;

/// <summary>Whether a WAV file has plain samples, by its first bytes alone, so that ffmpeg can still have all of them.</summary>
internal static class WavCodec
{
    private const int Look = 4096;

    /// <summary>Looks, and puts back what was looked at. What does not say by then counts as plain: its header is read, and judged, later.</summary>
    public static bool IsOwn(PrefixedStream stream)
    {
        const int Integers = 1, Floats = 3, Extensible = 0xFFFE, SubFormat = 24;

        // Chunks in front of the format are short, and what came with the first look is there without waiting.
        byte[] head = new byte[Look];
        int count = stream.Read(head, 0, head.Length);
        ReadOnlySpan<byte> start = head.AsSpan(0, count);
        stream.Unread(start);
        foreach ((int at, int length, uint name) in new RiffChunks(start, 12))
        {
            if (name == RiffChunks.Name("fmt "u8) && length >= 2)
            {
                int tag = BinaryPrimitives.ReadUInt16LittleEndian(start[at..]);
                tag = tag == Extensible && length >= SubFormat + 2 ? BinaryPrimitives.ReadUInt16LittleEndian(start[(at + SubFormat)..]) : tag;
                return tag is Integers or Floats;
            }
        }

        return true;
    }
}
