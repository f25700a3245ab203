using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Weights.Tests;

/// <summary>A GGUF file byte by byte, right or wrong: counts and lengths are what a test says.</summary>
internal sealed class GgufBytes
{
    private readonly List<byte> _bytes = [];
    private readonly List<byte> _pairs = [];
    private readonly List<byte> _tensors = [];

    public ulong Pairs { get; set; }

    public ulong Tensors { get; set; }

    public uint Version { get; set; } = 3;

    public int Alignment { get; set; } = 32;

    /// <summary>A pair whose value is given as it stands in the file.</summary>
    public GgufBytes Pair(string key, uint type, params byte[] value)
    {
        _pairs.AddRange([.. Text(key), .. U32(type), .. value]);
        Pairs++;
        return this;
    }

    public GgufBytes Pair(string key, string value) => Pair(key, 8, Text(value));

    public GgufBytes Pair(string key, uint value) => Pair(key, 4, U32(value));

    public GgufBytes Array(string key, uint element, ulong count, params byte[] elements) => Pair(key, 9, [.. U32(element), .. U64(count), .. elements]);

    /// <summary>A tensor; extents as the file has them, the contiguous one first.</summary>
    public GgufBytes Tensor(string name, uint type, ulong offset, params ulong[] extents)
    {
        _tensors.AddRange([.. Text(name), .. U32((uint)extents.Length)]);
        foreach (ulong extent in extents)
        {
            _tensors.AddRange(U64(extent));
        }

        _tensors.AddRange([.. U32(type), .. U64(offset)]);
        Tensors++;
        return this;
    }

    /// <summary>The file, with so many bytes of data.</summary>
    public byte[] Build(int data)
    {
        _bytes.Clear();
        _bytes.AddRange([.. "GGUF"u8, .. U32(Version), .. U64(Tensors), .. U64(Pairs), .. _pairs, .. _tensors]);
        while (_bytes.Count % Alignment != 0)
        {
            _bytes.Add(0);
        }

        for (int i = 0; i < data; i++)
        {
            _bytes.Add((byte)i);
        }

        return [.. _bytes];
    }

    /// <summary>Magic and counts, and behind them whatever is given.</summary>
    public byte[] Raw(byte[] rest) => [.. "GGUF"u8, .. U32(Version), .. U64(Tensors), .. U64(Pairs), .. rest];

    public static byte[] Text(string text) => [.. U64((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] U32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] U64(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
