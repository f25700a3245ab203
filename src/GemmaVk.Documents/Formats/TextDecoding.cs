using System;
using System.Text;
using GemmaVk.Tensors;

namespace GemmaVk.Documents.Formats;

/// <summary>Bytes of a text file as text: UTF-8, UTF-16 and UTF-32 by their byte order mark, else UTF-8, else Windows' Latin. What has NUL bytes is no text.</summary>
internal static class TextDecoding
{
    private const int Looked = 8192;

    /// <summary>The text.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">For the message.</param>
    /// <param name="note">What was assumed, or null.</param>
    /// <exception cref="GemmaVkException">It is binary.</exception>
    public static string Of(ReadOnlySpan<byte> bytes, string name, out string? note)
    {
        note = null;
        (Encoding? marked, int mark) = Marked(bytes);
        if (marked is not null)
        {
            return marked.GetString(bytes[mark..]);
        }

        if (IsBinary(bytes))
        {
            throw new GemmaVkException($"{name}: expected text, PDF, DOCX, ODT, EPUB, HTML, Markdown or CSV, but it is binary; convert it to one of these, or leave it out.");
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            note = "it is not UTF-8 and was read as Latin-1";
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>Whether the beginning has bytes that no text has.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> bytes)
    {
        if (Marked(bytes).Encoding is not null)
        {
            return false;
        }

        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, Looked)];
        int odd = 0;
        foreach (byte value in start)
        {
            if (value == 0)
            {
                return true;
            }

            odd += value is < 32 and not (9 or 10 or 12 or 13 or 27) ? 1 : 0;
        }

        return odd * 20 > start.Length;
    }

    private static (Encoding? Encoding, int Mark) Marked(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        _ => (null, 0),
    };
}
