using System;
using System.IO;
using System.Text;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Text of a file, up to a length; bytes that are no text are refused.</summary>
internal static class TextOfFile
{
    /// <summary>More of a file is not looked at.</summary>
    public const int MostBytes = 8 << 20;

    /// <summary>Reads it.</summary>
    /// <returns>The text, and whether there is more of it.</returns>
    /// <exception cref="GemmaVkException">It is no text, or cannot be read.</exception>
    public static (string Text, bool More) Read(FileStream file, string shown)
    {
        byte[] bytes = new byte[Math.Min(file.Length, MostBytes) + 1];
        int length;
        try
        {
            length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{shown}: expected a file that can be read, but {Complaint.Of(e)} Name another.", e);
        }

        bool more = length == bytes.Length;
        length -= more ? 1 : 0;
        if (bytes.AsSpan(0, length).Contains((byte)0))
        {
            throw new GemmaVkException($"{shown}: expected text, but it is another kind of file; name another.");
        }

        return (Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF'), more);
    }
}
