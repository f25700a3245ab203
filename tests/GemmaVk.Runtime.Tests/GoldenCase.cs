using System;
using System.Runtime.InteropServices;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Tests;

/// <summary>A file of golden arrays.</summary>
internal sealed class GoldenCase(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(_file.Bytes(_file.Tensors[name])).ToArray();

    public int[] Ints(string name) => MemoryMarshal.Cast<byte, int>(_file.Bytes(_file.Tensors[name])).ToArray();

    public byte[] Bytes(string name) => _file.Bytes(_file.Tensors[name]).ToArray();

    public long[] Shape(string name) => [.. _file.Tensors[name].Extents];

    public bool Has(string name) => _file.Tensors.ContainsKey(name);

    public void Dispose() => _file.Dispose();
}
