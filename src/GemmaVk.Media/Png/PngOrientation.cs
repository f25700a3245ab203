using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace GemmaVk.Media.Png;

/// <summary>
/// How a PNG picture was held, by the first chunk that says it: eXIf; or, of programs older than that chunk, a text chunk with EXIF data in
/// hexadecimal digits; or else XMP in a text chunk. A note that is damaged says nothing.
/// <code>
/// tEXt  keyword 0 text     zTXt  keyword 0 | method | compressed text     iTXt  keyword 0 | is compressed | method | language 0 | translated keyword 0 | text
/// Raw profile type exif:   newline, name, newline, number of bytes, newline, digits with newlines between
/// </code>
/// </summary>
internal sealed class PngOrientation
{
    // An orientation stands at the front of EXIF data, and XMP of pictures is some kilobytes.
    private const int MostInflated = 1 << 20;
    private const int LongestKeyword = 79;

    private int? _exif;
    private int? _xmp;

    /// <summary>1 to 8.</summary>
    public int Value => _exif ?? _xmp ?? ExifTags.Upright;

    /// <summary>Looks into a chunk.</summary>
    public void Look(string chunk, ReadOnlySpan<byte> content)
    {
        if (chunk == "eXIf")
        {
            _exif ??= ExifTags.OfExif(content);
            return;
        }

        int end = content[..Math.Min(content.Length, LongestKeyword + 1)].IndexOf((byte)0);
        if (end <= 0)
        {
            return;
        }

        string keyword = Encoding.Latin1.GetString(content[..end]);
        bool exif = keyword is "Raw profile type exif" or "Raw profile type APP1", xmp = keyword is "XML:com.adobe.xmp" or "Raw profile type xmp";
        byte[] text = exif || xmp ? Text(chunk, content[(end + 1)..]) : [];
        text = keyword.StartsWith("Raw", StringComparison.Ordinal) ? Digits(text) : text;
        if (text.AsSpan().StartsWith(XmpOrientation.JpegMark))
        {
            _xmp ??= XmpOrientation.Of(text.AsSpan(XmpOrientation.JpegMark.Length));
        }
        else if (exif)
        {
            _exif ??= ExifTags.OfExif(text);
        }
        else if (xmp)
        {
            _xmp ??= XmpOrientation.Of(text);
        }
    }

    private static byte[] Text(string chunk, ReadOnlySpan<byte> content)
    {
        if (chunk == "tEXt")
        {
            return content.ToArray();
        }

        if (chunk == "zTXt")
        {
            return content.Length > 0 ? Inflate(content[1..]) : [];
        }

        if (content.Length < 2)
        {
            return [];
        }

        bool compressed = content[0] != 0;
        ReadOnlySpan<byte> rest = content[2..];
        for (int skipped = 0; skipped < 2; skipped++)
        {
            int end = rest.IndexOf((byte)0);
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return compressed ? Inflate(rest) : rest.ToArray();
    }

    private static byte[] Inflate(ReadOnlySpan<byte> compressed)
    {
        byte[] text = new byte[Math.Min(MostInflated, 64L + (1032L * compressed.Length))];
        try
        {
            using ZLibStream stream = new(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            return text[..stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return [];
        }
    }

    private static byte[] Digits(byte[] text)
    {
        string[] lines = Encoding.Latin1.GetString(text).Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 3 || !int.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return [];
        }

        using MemoryStream bytes = new();
        int high = -1;
        foreach (char letter in lines[2])
        {
            if (bytes.Length == count || !(char.IsAsciiHexDigit(letter) || char.IsWhiteSpace(letter)))
            {
                break;
            }

            if (!char.IsWhiteSpace(letter))
            {
                int digit = Convert.FromHexString($"0{letter}")[0];
                if (high >= 0)
                {
                    bytes.WriteByte((byte)((high << 4) | digit));
                }

                high = high < 0 ? digit : -1;
            }
        }

        return bytes.ToArray();
    }
}
