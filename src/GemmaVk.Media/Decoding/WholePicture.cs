using System;
using System.Buffers.Binary;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Decoding;

/// <summary>
/// Whether a picture file has its end. A file that was half downloaded has everything that a decoder asks for first, and of some formats
/// ffmpeg shows the rest in green or as it likes, without a word.
/// </summary>
internal static class WholePicture
{
    /// <summary>Looks at formats that say where they end.</summary>
    /// <exception cref="GemmaVkException">The end is missing.</exception>
    public static void Check(ReadOnlySpan<byte> file, MediaKind kind, string path)
    {
        string? missing = kind.Format switch
        {
            "JPEG" => HasEndOfImage(file) ? null : "the mark that ends every JPEG picture is missing",
            "WebP" => RiffLength(file) <= file.Length ? null : FormattableString.Invariant($"its header gives {RiffLength(file):N0} bytes, and {file.Length:N0} are there"),
            "QOI" => file.EndsWith((ReadOnlySpan<byte>)[0, 0, 0, 0, 0, 0, 0, 1]) ? null : "the mark that ends every QOI picture is missing",
            _ => null,
        };
        if (missing is not null)
        {
            throw new GemmaVkException($"{path} must be a whole {kind}, but {missing} (a truncated download?); copy or save it again.");
        }
    }

    private static long RiffLength(ReadOnlySpan<byte> file) => 8L + BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);

    // Segments, then scans: in a scan FF is followed by 0, or by a mark of a restart; any other mark ends the scan.
    private static bool HasEndOfImage(ReadOnlySpan<byte> file)
    {
        const byte StartOfScan = 0xDA, EndOfImage = 0xD9, FirstRestart = 0xD0, LastRestart = 0xD7, Temporary = 0x01;
        int at = 2;
        while (at + 1 < file.Length)
        {
            byte mark = file[at + 1];
            if (file[at] != 0xFF || mark == 0xFF)
            {
                at++;
                continue;
            }

            if (mark == EndOfImage)
            {
                return true;
            }

            bool alone = mark is 0 or Temporary or (>= FirstRestart and <= LastRestart);
            if (alone || at + 3 >= file.Length)
            {
                at += 2;
                continue;
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (mark == StartOfScan)
            {
                // Bytes of a scan: to the next FF that means something.
                while (at + 1 < file.Length && !(file[at] == 0xFF && file[at + 1] is not 0 and not 0xFF and not (>= FirstRestart and <= LastRestart)))
                {
                    int next = file[(at + 1)..].IndexOf((byte)0xFF);
                    at = next < 0 ? file.Length : at + 1 + next;
                }
            }
        }

        return false;
    }
}
