using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace GemmaVk.Weights.Gguf.Writing;

/// <summary>Metadata in the making: pairs in the order in which they are added.</summary>
internal sealed class GgufPairs
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Pairs so far.</summary>
    public ulong Count { get; private set; }

    /// <summary>Their bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public void Add(string key, string value)
    {
        Begin(key, GgufValueType.Text);
        Append(Encoding.UTF8.GetBytes(value));
    }

    public void Add(string key, uint value)
    {
        Begin(key, GgufValueType.U32);
        Number(value);
    }

    public void Add(string key, int value) => Add(key, checked((uint)value));

    public void Add(string key, float value)
    {
        Begin(key, GgufValueType.F32);
        Number(BitConverter.SingleToUInt32Bits(value));
    }

    public void Add(string key, bool value)
    {
        Begin(key, GgufValueType.Bool);
        _bytes.Write([value ? (byte)1 : (byte)0]);
    }

    public void Add(string key, ReadOnlySpan<int> values)
    {
        BeginList(key, GgufValueType.I32, values.Length);
        _bytes.Write(MemoryMarshal.AsBytes(values));
    }

    public void Add(string key, ReadOnlySpan<float> values)
    {
        BeginList(key, GgufValueType.F32, values.Length);
        _bytes.Write(MemoryMarshal.AsBytes(values));
    }

    public void Add(string key, ReadOnlySpan<bool> values)
    {
        BeginList(key, GgufValueType.Bool, values.Length);
        _bytes.Write(MemoryMarshal.AsBytes(values));
    }

    /// <summary>A list of strings, in UTF-8.</summary>
    public void Add(string key, IReadOnlyCollection<byte[]> values)
    {
        BeginList(key, GgufValueType.Text, values.Count);
        foreach (byte[] value in values)
        {
            Append(value);
        }
    }

    private void BeginList(string key, GgufValueType element, int count)
    {
        Begin(key, GgufValueType.Array);
        Number((uint)element);
        Long((ulong)count);
    }

    private void Begin(string key, GgufValueType type)
    {
        Append(Encoding.UTF8.GetBytes(key));
        Number((uint)type);
        Count++;
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        Long((ulong)text.Length);
        _bytes.Write(text);
    }

    private void Number(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    private void Long(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }
}
