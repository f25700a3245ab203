using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Tests;

/// <summary>Reads a safetensors file of tests/golden: eight bytes of header length, a JSON header, the data.</summary>
public sealed class GoldenFile
{
    private readonly byte[] _bytes;
    private readonly int _data;
    private readonly Dictionary<string, JsonElement> _header;

    private GoldenFile(string name, byte[] bytes)
    {
        Name = name;
        _bytes = bytes;
        int length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
        _data = 8 + length;
        _header = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(bytes.AsSpan(8, length))!;
    }

    /// <summary>Path below tests/golden.</summary>
    public string Name { get; }

    /// <summary>Reads a file.</summary>
    public static GoldenFile Open(string name) => new(name, File.ReadAllBytes(Repository.Golden(name)));

    /// <summary>Extents of a tensor.</summary>
    public int[] Shape(string key) => [.. _header[key].GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32())];

    /// <summary>A tensor of F32, or of F16 or BF16 widened.</summary>
    public float[] Floats(string key) => _header[key].GetProperty("dtype").GetString() switch
    {
        "F16" => [.. Values<Half>(key).Select(half => (float)half)],
        "BF16" => [.. Values<ushort>(key).Select(BFloat16.ToSingle)],
        _ => Values<float>(key),
    };

    /// <summary>A tensor's bits as another type of the same size.</summary>
    public T[] Values<T>(string key)
        where T : unmanaged
    {
        JsonElement offsets = _header[key].GetProperty("data_offsets");
        int start = offsets[0].GetInt32();
        return MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(_data + start, offsets[1].GetInt32() - start)).ToArray();
    }
}
