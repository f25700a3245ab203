using System;
using System.Buffers.Binary;

namespace GemmaVk.Media;

/// <summary>
/// Finds how a picture was held, wherever a file format keeps it: the tag Orientation (0x0112) of EXIF data, or else the property
/// tiff:Orientation of XMP. EXIF data is a small TIFF file: "II" or "MM", 42, the offset of a directory; the directory is a count and entries of
/// 12 bytes: tag, type, count, value. Nothing else of it is read, and what is malformed says nothing: a damaged note is no reason to refuse
/// the picture beside it.
/// </summary>
internal static class ExifTags
{
    /// <summary>What is meant where nothing is said.</summary>
    public const int Upright = 1;

    /// <summary>Of a picture file's bytes; formats without EXIF data, and PNG, whose reader knows its own chunks, give 1.</summary>
    public static int OrientationOf(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) ? OfJpeg(file)
        : IsTiff(file) ? OfTiff(file) ?? Upright
        : file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..12].SequenceEqual("WEBP"u8) ? OfWebp(file)
        : Upright;

    /// <summary>Of EXIF data, with or without the letters "Exif" and two bytes that JPEG files have in front.</summary>
    /// <returns>1 to 8, or null where it does not say.</returns>
    public static int? OfExif(ReadOnlySpan<byte> exif) =>
        OfTiff(exif.StartsWith("Exif\0"u8) && exif.Length >= 6 ? exif[6..] : exif);

    private static int? OfTiff(ReadOnlySpan<byte> tiff)
    {
        const int OrientationTag = 0x0112;
        if (!IsTiff(tiff))
        {
            return null;
        }

        bool big = tiff[0] == 'M';
        uint directory = Long(tiff[4..], big);
        if (directory > tiff.Length - 2)
        {
            return null;
        }

        ReadOnlySpan<byte> entries = tiff[(int)directory..];
        int count = Short(entries, big);
        entries = entries[2..];
        for (int i = 0; i < count && entries.Length >= 12; i++, entries = entries[12..])
        {
            if (Short(entries, big) == OrientationTag)
            {
                // Whole numbers of any width are taken, as readers do: BYTE, SHORT, LONG and their signed kin.
                long value = Short(entries[2..], big) switch
                {
                    1 or 6 => entries[8],
                    3 or 8 => Short(entries[8..], big),
                    4 or 9 => Long(entries[8..], big),
                    _ => 0,
                };
                return value is >= 1 and <= 8 ? (int)value : null;
            }
        }

        return null;
    }

    private static bool IsTiff(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 8 && (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8));

    // Segments: FF, a marker, a length that counts itself. APP1 holds EXIF data or XMP; the picture starts at SOS.
    private static int OfJpeg(ReadOnlySpan<byte> file)
    {
        const byte App1 = 0xE1, StartOfScan = 0xDA;
        ReadOnlySpan<byte> rest = file[2..];
        int? xmp = null;
        while (rest.Length >= 4 && rest[0] == 0xFF)
        {
            byte marker = rest[1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (marker == 0xFF)
            {
                rest = rest[1..];
                continue;
            }

            if (marker == StartOfScan || length < 2 || length + 2 > rest.Length)
            {
                break;
            }

            ReadOnlySpan<byte> content = rest[4..(length + 2)];
            if (marker == App1 && content.StartsWith("Exif\0"u8) && OfExif(content) is { } exif)
            {
                return exif;
            }

            if (marker == App1 && content.StartsWith(XmpOrientation.JpegMark))
            {
                xmp ??= XmpOrientation.Of(content[XmpOrientation.JpegMark.Length..]);
            }

            rest = rest[(length + 2)..];
        }

        return xmp ?? Upright;
    }

    private static int OfWebp(ReadOnlySpan<byte> file)
    {
        int? exif = null, xmp = null;
        foreach ((int start, int length, uint name) in new RiffChunks(file, 12))
        {
            if (name == RiffChunks.Name("EXIF"u8))
            {
                exif ??= OfExif(file.Slice(start, length));
            }
            else if (name == RiffChunks.Name("XMP "u8))
            {
                xmp ??= XmpOrientation.Of(file.Slice(start, length));
            }
        }

        return exif ?? xmp ?? Upright;
    }

    private static int Short(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint Long(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
