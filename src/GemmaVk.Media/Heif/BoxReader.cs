using System;
using System.Buffers.Binary;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Heif;

/// <summary>Big-endian numbers one after the other, from bytes that are not trusted: what is not there is one error.</summary>
internal ref struct BoxReader(ReadOnlySpan<byte> bytes, string path)
{
    private readonly string _path = path;

    /// <summary>What is left.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = bytes;

    /// <summary>A number of 0 to 8 bytes.</summary>
    public long Number(int width)
    {
        ulong value = 0;
        foreach (byte one in Bytes(width))
        {
            value = (value << 8) | one;
        }

        return value <= long.MaxValue ? (long)value : throw Bad(_path, "a number beyond what a file can hold");
    }

    public uint Name() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    public ReadOnlySpan<byte> Bytes(long count)
    {
        if (count > Rest.Length)
        {
            throw Bad(_path, "a box that ends too early (a truncated download?)");
        }

        ReadOnlySpan<byte> taken = Rest[..(int)count];
        Rest = Rest[(int)count..];
        return taken;
    }

    /// <summary>The version of a full box, which begins with it and three bytes of flags.</summary>
    public (int Version, int Flags) Version() => ((int)Number(1), (int)Number(3));

    /// <summary>The next box: its name and its content.</summary>
    /// <returns>False at the end.</returns>
    public bool TryBox(out uint name, out ReadOnlySpan<byte> content)
    {
        name = 0;
        content = default;
        if (Rest.IsEmpty)
        {
            return false;
        }

        int before = Rest.Length;
        long length = Number(4);
        name = Name();
        length = length == 1 ? Number(8) : length == 0 ? before : length;
        int head = before - Rest.Length;
        content = length >= head ? Bytes(length - head) : throw Bad(_path, "a box shorter than its head");
        return true;
    }

    public static uint Letters(ReadOnlySpan<byte> letters) => BinaryPrimitives.ReadUInt32BigEndian(letters);

    public static GemmaVkException Bad(string path, string actual) =>
        new($"{path} must be a whole AVIF or HEIF picture, but has {actual}; copy or save it again, or convert it to PNG.");
}
