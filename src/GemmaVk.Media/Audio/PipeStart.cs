using System;
using System.Buffers.Binary;
using System.IO;
using System.Text.Unicode;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Audio;

/// <summary>
/// What comes through a pipe, by its first bytes. Bare samples have no mark of their own, so they are what is left when nothing known begins so: a mark of
/// one or two bytes, which samples may have too, counts only where a second one stands where the first says.
/// </summary>
internal static class PipeStart
{
    // Enough for marks, for text, and for the first boxes of an MP4: 16 ms of bare samples. Frames of MP3 and AAC end further on.
    private const int Look = 512;
    private const int LookFar = 1 << 14;

    /// <summary>Looks, and puts back what was looked at.</summary>
    /// <param name="pipe">Read as far as is needed.</param>
    /// <param name="name">Named in messages.</param>
    /// <returns>What it is; null for bare samples, and where nothing comes.</returns>
    /// <exception cref="GemmaVkException">It is something that holds no sound, or that cannot be heard from a pipe.</exception>
    public static MediaKind? KindOf(PrefixedStream pipe, string name)
    {
        byte[] head = new byte[LookFar];
        int count = pipe.ReadAtLeast(head.AsSpan(0, Look), Look, throwOnEndOfStream: false);
        MediaKind? kind = MediaKind.OfBytes(head.AsSpan(0, count));
        if (kind is not null && count == Look && IsWeak(kind))
        {
            count += pipe.ReadAtLeast(head.AsSpan(Look), LookFar - Look, throwOnEndOfStream: false);
        }

        ReadOnlySpan<byte> start = head.AsSpan(0, count);
        pipe.Unread(start);
        kind = kind is not null && IsWeak(kind) && !Repeats(start, kind) ? null : kind;
        string? other = kind?.Form == MediaForm.Picture ? $"a picture in the format {kind.Format}" : kind is null ? NameOf(start) : null;
        if (other is not null)
        {
            throw new GemmaVkException($"{name} must carry sound, but carries {other}; send a sound, or bare 16-bit samples at 16 kHz.");
        }

        return kind?.IsIsoMedia == true && IndexIsLast(start)
            ? throw new GemmaVkException($"{name} must carry a sound that can be heard from its beginning, but carries {kind.WithArticle} whose index is at its end; give it as a file, or make it with 'ffmpeg -movflags faststart'.")
            : kind;
    }

    /// <summary>What has a mark so short that samples may have it too.</summary>
    private static bool IsWeak(MediaKind kind) => kind.Format is "MP3" or "AAC" or "AC-3" or "BMP" or "PNM" or "JPEG XL" or "MPEG transport stream";

    private static bool Repeats(ReadOnlySpan<byte> start, MediaKind kind) => kind.Format switch
    {
        "MP3" when start.StartsWith("ID3"u8) => true,
        "MP3" => FrameRepeats(start, Mp3Bytes),
        "AAC" => FrameRepeats(start, AacBytes),
        "AC-3" => start.Length > 5 && start[1..].IndexOf((ReadOnlySpan<byte>)[0x0B, 0x77]) is > 60 and < 4096,
        "BMP" => start.Length > 17 && BinaryPrimitives.ReadInt32LittleEndian(start[14..]) is 12 or 40 or 52 or 56 or 64 or 108 or 124,
        "PNM" => start.Length > 4 && (char.IsAsciiDigit((char)start[3]) || start[3] is (byte)'#' or (byte)'W'),
        "MPEG transport stream" => start.Length > 564 && start[376] == 0x47 && start[564] == 0x47,
        _ => start.Length > 1,
    };

    private delegate int FrameBytes(ReadOnlySpan<byte> head);

    // A frame, and behind it another, or the end of all.
    private static bool FrameRepeats(ReadOnlySpan<byte> start, FrameBytes bytes)
    {
        int first = bytes(start);
        return first > 0 && (first == start.Length || (first < start.Length && bytes(start[first..]) > 0 && (start[first + 1] & 0xFE) == (start[1] & 0xFE)));
    }

    // 11 bits of ones | version | layer | no check | rate of bits | rate of samples | padding: ISO/IEC 11172-3, 13818-3.
    private static int Mp3Bytes(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<short> first1 = [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
        ReadOnlySpan<short> first2 = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
        ReadOnlySpan<short> first3 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
        ReadOnlySpan<short> second1 = [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
        ReadOnlySpan<short> second23 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        if (head.Length < 4 || head[0] != 0xFF || (head[1] & 0xE0) != 0xE0)
        {
            return 0;
        }

        int version = (head[1] >> 3) & 3, layer = 4 - ((head[1] >> 1) & 3), bits = head[2] >> 4, rate = (head[2] >> 2) & 3, padding = (head[2] >> 1) & 1;
        if (version == 1 || layer == 4 || bits is 0 or 15 || rate == 3)
        {
            return 0;
        }

        bool isFirst = version == 3;
        int hertz = (rate switch { 0 => 44_100, 1 => 48_000, _ => 32_000 }) >> (isFirst ? 0 : version == 2 ? 1 : 2);
        int kilobits = isFirst ? (layer == 1 ? first1 : layer == 2 ? first2 : first3)[bits] : (layer == 1 ? second1 : second23)[bits];
        return layer == 1 ? ((12_000 * kilobits / hertz) + padding) * 4 : ((isFirst || layer == 2 ? 144_000 : 72_000) * kilobits / hertz) + padding;
    }

    // ADTS: 12 bits of ones, then at bit 30 the length of the frame in 13 bits.
    private static int AacBytes(ReadOnlySpan<byte> head)
    {
        if (head.Length < 7 || head[0] != 0xFF || (head[1] & 0xF6) != 0xF0 || ((head[2] >> 2) & 15) > 12)
        {
            return 0;
        }

        int length = ((head[3] & 3) << 11) | (head[4] << 3) | (head[5] >> 5);
        return length > 7 ? length : 0;
    }

    // Boxes in a row: samples ("mdat") before the index ("moov") need a file that can be read twice.
    private static bool IndexIsLast(ReadOnlySpan<byte> start)
    {
        for (long at = 0; at + 8 <= start.Length;)
        {
            ReadOnlySpan<byte> box = start[(int)at..];
            if (box[4..].StartsWith("moov"u8) || box[4..].StartsWith("moof"u8))
            {
                return false;
            }

            if (box[4..].StartsWith("mdat"u8))
            {
                return true;
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(box);
            if (length < 8)
            {
                return false;
            }

            at += length;
        }

        return false;
    }

    /// <summary>The name of what is no sound and no picture, or null.</summary>
    internal static string? NameOf(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? start[3..] : start;
        return start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8) ? "a ZIP archive, or a document that is one"
            : start.StartsWith("%PDF"u8) ? "a PDF document"
            : start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]) ? "a gzip archive"
            : start.StartsWith("BZh"u8) && start.Length > 9 && start[4..].StartsWith("1AY&SY"u8) ? "a bzip2 archive"
            : start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']) ? "an xz archive"
            : start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? "a Zstandard archive"
            : start.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF]) ? "a 7z archive"
            : start.StartsWith("Rar!"u8) ? "a RAR archive"
            : start.Length > 262 && start[257..].StartsWith("ustar"u8) ? "a tar archive"
            : start.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F']) ? "a program"
            : start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]) ? "a document of an office program"
            : start.StartsWith("MThd"u8) ? "a MIDI file, which has notes and no sound"
            : start.StartsWith("SQLite format"u8) ? "a database"
            : start.StartsWith("GGUF"u8) ? "a GGUF model"
            : start.StartsWith("FORM"u8) && start.Length > 12 ? "an IFF file of another type"
            : start.StartsWith("RIFX"u8) && start[8..].StartsWith("WAVE"u8) ? "a big-endian WAV file (RIFX), which is not read"
            : (start.StartsWith("RIFF"u8) || start.StartsWith("RIFX"u8)) && start.Length >= 12 ? "a RIFF file of another type"
            : start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) && IsWide(start[2..], 1) ? "text in UTF-16"
            : start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) && IsWide(start[2..], 0) ? "text in UTF-16"
            : IsText(text) ? TextName(text) : null;
    }

    private static string TextName(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> first = text.TrimStart(" \t\r\n"u8);
        return first.StartsWith("{"u8) || first.StartsWith("["u8) ? "JSON text"
            : first.StartsWith("<?xml"u8) || first.StartsWith("<svg"u8) ? "text in XML"
            : first.StartsWith("<"u8) ? "a page of HTML"
            : first.StartsWith("#EXTM3U"u8) ? "a playlist, which names sounds and holds none"
            : "text";
    }

    // Letters alone, but for the end, where a character may be cut.
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.IndexOfAnyInRange((byte)0, (byte)8) >= 0 || bytes.IndexOfAnyInRange((byte)14, (byte)26) >= 0 || bytes.IndexOfAnyInRange((byte)28, (byte)31) >= 0)
        {
            return false;
        }

        for (int cut = 0; cut < 4 && cut < bytes.Length; cut++)
        {
            if (Utf8.IsValid(bytes[..^cut]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWide(ReadOnlySpan<byte> bytes, int zero)
    {
        int zeros = 0;
        for (int i = zero; i < bytes.Length; i += 2)
        {
            zeros += bytes[i] == 0 ? 1 : 0;
        }

        return bytes.Length >= 4 && zeros * 4 > bytes.Length;
    }
}
