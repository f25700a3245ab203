using System;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// Walks the header of a GGUF file: every number is little-endian, and nothing is taken that is not there. Lengths are compared with what is
/// left before anything is allocated or skipped.
/// </summary>
/// <param name="bytes">The file from its beginning: all of it, or all that a header may take.</param>
/// <param name="path">Named in messages.</param>
/// <param name="cut">The file goes on behind <paramref name="bytes"/>.</param>
internal ref struct GgufCursor(ReadOnlySpan<byte> bytes, string path, bool cut)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes before the cursor.</summary>
    public int At { get; private set; }

    /// <summary>Bytes behind the cursor.</summary>
    public readonly int Left => _bytes.Length - At;

    public byte U8(string what) => Take(1, what)[0];

    public ushort U16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, what));

    public uint U32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong U64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>The bytes of a string: its length in 64 bits, then UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes(string what) => Take(U64(what), what);

    /// <summary>A string of valid UTF-8 of 1 to <paramref name="longest"/> bytes.</summary>
    public string Name(string what, int longest)
    {
        ReadOnlySpan<byte> utf8 = Bytes(what);
        if (utf8.IsEmpty || utf8.Length > longest || !Utf8.IsValid(utf8))
        {
            throw Bad($"{what} of 1 to {longest} bytes of UTF-8", utf8.Length is 0 ? "an empty one" : utf8.Length > longest ? $"one of {utf8.Length} bytes" : "one that is no UTF-8");
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(ulong count, string what)
    {
        if (count > (ulong)Left)
        {
            throw Bad(
                $"{what} within {(cut ? $"the first {_bytes.Length} bytes" : $"its {_bytes.Length} bytes")}",
                count > (ulong)_bytes.Length ? $"{count} bytes for it" : $"{count} bytes for it at byte {At} (a truncated download?)");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(At, (int)count);
        At += (int)count;
        return taken;
    }

    /// <summary>A sentence about the header.</summary>
    public readonly GemmaVkException Bad(string expected, string actual) =>
        new($"{path}: its GGUF header must give {expected}, but gives {actual}; {TensorFile.Remedy}");
}
