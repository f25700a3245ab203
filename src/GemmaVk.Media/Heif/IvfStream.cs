using System;
using System.Buffers.Binary;
using System.IO;

namespace GemmaVk.Media.Heif;

/// <summary>
/// AV1 pictures one after the other in the simplest container that ffmpeg knows.
/// <code>
/// DKIF | version 0, head of 32 bytes | AV01 | width, height | 25 / 1 | frames | 0      then of each frame: length, 4 bytes | its number, 8 bytes | bytes
/// </code>
/// </summary>
internal static class IvfStream
{
    private const int HeadBytes = 32, FrameHeadBytes = 12, Rate = 25;

    public static void Head(Stream to)
    {
        byte[] head = new byte[HeadBytes];
        "DKIF"u8.CopyTo(head);
        head[6] = HeadBytes;
        "AV01"u8.CopyTo(head.AsSpan(8));
        (head[16], head[20]) = (Rate, 1);
        to.Write(head);
    }

    public static void Frame(Stream to, ReadOnlySpan<byte> bytes, int number)
    {
        // Each begins with a mark that files leave out: "temporal delimiter".
        ReadOnlySpan<byte> delimiter = [0x12, 0];
        Span<byte> head = stackalloc byte[FrameHeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, delimiter.Length + bytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[4..], number);
        to.Write(head);
        to.Write(delimiter);
        to.Write(bytes);
    }
}
