using System;
using System.Globalization;
using System.Text;

namespace GemmaVk.Text;

/// <summary>The 256 byte tokens "&lt;0x00&gt;" to "&lt;0xFF&gt;": a character without a token of its own is written as its UTF-8 bytes.</summary>
internal sealed class ByteFallback
{
    private readonly int[] _ids = new int[256];
    private readonly short[] _bytes;

    private ByteFallback(int vocabularySize)
    {
        _bytes = new short[vocabularySize];
        Array.Fill(_bytes, (short)-1);
    }

    /// <summary>Finds all 256 tokens.</summary>
    /// <exception cref="TextException">The first one that is missing, without the name of the file.</exception>
    public static ByteFallback From(TokenTable tokens)
    {
        var fallback = new ByteFallback(tokens.Count);
        for (int b = 0; b < 256; b++)
        {
            string name = $"<0x{b.ToString("X2", CultureInfo.InvariantCulture)}>";
            int id = tokens.Find(Encoding.ASCII.GetBytes(name));
            if (id < 0)
            {
                throw new TextException($"the byte token {name} is missing; a byte-fallback vocabulary holds all of <0x00> to <0xFF>");
            }

            fallback._ids[b] = id;
            fallback._bytes[id] = (short)b;
        }

        return fallback;
    }

    /// <summary>The id of a byte.</summary>
    public int this[byte b] => _ids[b];

    /// <summary>Whether a token stands for a byte, and which.</summary>
    public bool TryGetByte(int id, out byte b)
    {
        short value = _bytes[id];
        b = (byte)value;
        return value >= 0;
    }
}
