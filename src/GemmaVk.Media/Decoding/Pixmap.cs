using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace GemmaVk.Media.Decoding;

/// <summary>
/// The header of a portable arbitrary map, the uncompressed picture that says its own size, as ffmpeg writes one before each frame:
/// "P7", lines WIDTH, HEIGHT, DEPTH (bytes of a pixel), MAXVAL, TUPLTYPE, and ENDHDR.
/// </summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Depth">Bytes of a pixel.</param>
internal readonly record struct Pixmap(int Height, int Width, int Depth)
{
    private const int LongestLine = 64;
    private const int MostLines = 8;

    /// <summary>Reads a header.</summary>
    /// <returns>Null where the stream ends before its first byte.</returns>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static Pixmap? Read(Stream stream)
    {
        string? magic = ReadLine(stream);
        if (magic is null)
        {
            return null;
        }

        Pixmap header = default;
        bool bytes = false;
        for (int line = 0; magic == "P7" && line < MostLines; line++)
        {
            string[] words = (ReadLine(stream) ?? "").Split(' ');
            _ = int.TryParse(words[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int value);
            switch (words[0])
            {
                case "WIDTH":
                    header = header with { Width = value };
                    break;
                case "HEIGHT":
                    header = header with { Height = value };
                    break;
                case "DEPTH":
                    header = header with { Depth = value };
                    break;
                case "MAXVAL":
                    bytes = value == 255;
                    break;
                case "ENDHDR" when bytes && header is { Width: > 0, Height: > 0, Depth: > 0 }:
                    return header;
            }
        }

        throw new InvalidDataException("no portable arbitrary map");
    }

    private static string? ReadLine(Stream stream)
    {
        StringBuilder line = new();
        for (int letter; (letter = stream.ReadByte()) != '\n' && line.Length < LongestLine; line.Append((char)letter))
        {
            if (letter < 0)
            {
                return line.Length == 0 ? null : throw new InvalidDataException("half a line");
            }
        }

        return line.ToString();
    }
}
