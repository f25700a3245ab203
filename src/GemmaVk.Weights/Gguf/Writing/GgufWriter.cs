using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GemmaVk.Tensors;
using Microsoft.Win32.SafeHandles;

namespace GemmaVk.Weights.Gguf.Writing;

/// <summary>Writes a GGUF file of version 3: metadata, then the tensors in the order given, each on a boundary of 32 bytes.</summary>
internal sealed class GgufWriter : TensorFileWriter
{
    private const int Alignment = 32;

    private GgufWriter(string path, SafeFileHandle handle, Dictionary<string, (long Offset, long Bytes)> places)
        : base(path, handle, places)
    {
    }

    /// <summary>Reserves the file and writes its header.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="pairs">The metadata.</param>
    /// <param name="tensors">Names, types as <see cref="GgmlType"/> calls them, extents outermost first.</param>
    /// <exception cref="GemmaVkException">The file cannot be made, or the disk is too small.</exception>
    public static GgufWriter Create(string path, GgufPairs pairs, IReadOnlyList<SafetensorsEntry> tensors)
    {
        Dictionary<string, (long Offset, long Bytes)> places = [];
        byte[] header = Header(pairs, tensors, places, out long length);
        SafeFileHandle handle = Reserve(ref path, header, length);
        return new GgufWriter(path, handle, places);
    }

    /// <summary>The header's bytes, up to where the data begins.</summary>
    /// <param name="pairs">The metadata.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="places">Receives where each will lie in the file.</param>
    /// <param name="length">Receives the length of the whole file.</param>
    public static byte[] Header(GgufPairs pairs, IReadOnlyList<SafetensorsEntry> tensors, Dictionary<string, (long Offset, long Bytes)> places, out long length)
    {
        ArrayBufferWriter<byte> bytes = new();
        bytes.Write("GGUF"u8);
        Number(3);
        Long((ulong)tensors.Count);
        Long(pairs.Count);
        bytes.Write(pairs.Bytes);
        long offset = 0;
        foreach (SafetensorsEntry tensor in tensors)
        {
            GgmlType type = GgmlType.Named(tensor.DType)!;
            byte[] name = Encoding.UTF8.GetBytes(tensor.Name);
            Long((ulong)name.Length);
            bytes.Write(name);
            Number((uint)tensor.Extents.Count);
            foreach (long extent in tensor.Extents.Reverse())
            {
                Long((ulong)extent);
            }

            Number(type.Id);
            Long((ulong)offset);
            long size = tensor.Extents.Aggregate(1L, (product, extent) => checked(product * extent)) / type.BlockElements * type.BlockBytes;
            places.Add(tensor.Name, (offset, size));
            offset += (size + Alignment - 1) / Alignment * Alignment;
        }

        int data = (bytes.WrittenCount + Alignment - 1) / Alignment * Alignment;
        bytes.Write(new byte[data - bytes.WrittenCount]);
        foreach (string name in places.Keys.ToArray())
        {
            places[name] = (places[name].Offset + data, places[name].Bytes);
        }

        length = data + offset;
        return bytes.WrittenSpan.ToArray();

        void Number(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.GetSpan(4), value);
            bytes.Advance(4);
        }

        void Long(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(8), value);
            bytes.Advance(8);
        }
    }
}
