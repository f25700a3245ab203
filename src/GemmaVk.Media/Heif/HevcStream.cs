using System;
using System.IO;

namespace GemmaVk.Media.Heif;

/// <summary>
/// An HEVC picture as a stream: in files its parts have a length in front and the parameters lie in a box ("hvcC": 21 bytes, width of lengths,
/// then lists of parts); in streams each part has the mark 0 0 0 1 in front.
/// </summary>
internal static class HevcStream
{
    private const int BeforeWidth = 21;

    public static void Append(Stream to, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> picture, string path)
    {
        BoxReader box = new(parameters, path);
        box.Bytes(BeforeWidth);
        int width = ((int)box.Number(1) & 3) + 1;
        for (long lists = box.Number(1); lists > 0; lists--)
        {
            box.Number(1);
            for (long parts = box.Number(2); parts > 0; parts--)
            {
                Part(to, box.Bytes(box.Number(2)));
            }
        }

        BoxReader coded = new(picture, path);
        while (!coded.Rest.IsEmpty)
        {
            Part(to, coded.Bytes(coded.Number(width)));
        }
    }

    private static void Part(Stream to, ReadOnlySpan<byte> bytes)
    {
        to.Write([0, 0, 0, 1]);
        to.Write(bytes);
    }
}
