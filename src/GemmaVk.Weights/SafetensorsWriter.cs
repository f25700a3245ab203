using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace GemmaVk.Weights;

/// <summary>
/// Writes a safetensors file. Wide elements come first in the file, so every tensor is aligned to its element.
/// </summary>
public sealed class SafetensorsWriter : TensorFileWriter
{
    private static readonly Dictionary<string, string> Unsaid = new() { ["format"] = "pt" };

    private SafetensorsWriter(string path, SafeFileHandle handle, Dictionary<string, (long Offset, long Bytes)> places)
        : base(path, handle, places)
    {
    }

    /// <summary>Reserves the file and writes its header.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="tensors">All tensors; names differ, types are known ones.</param>
    /// <param name="metadata">Entries of "__metadata__"; null for <c>{ "format": "pt" }</c>.</param>
    /// <exception cref="GemmaVkException">The file cannot be made, is a device or a pipe, or the disk is too small.</exception>
    public static SafetensorsWriter Create(string path, IReadOnlyCollection<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Dictionary<string, (long Offset, long Bytes)> places = [];
        byte[] header = MakeHeader(tensors, metadata ?? Unsaid, places);
        long length = header.Length + places.Values.Sum(place => place.Bytes);
        SafeFileHandle handle = Reserve(ref path, header, length);
        return new SafetensorsWriter(path, handle, places);
    }

    /// <summary>Goes on with the unfinished file of an earlier writer of the same tensors. Nothing in it counts as written until it was looked at (<see cref="TensorFileWriter.Found"/>).</summary>
    /// <param name="path">Final name.</param>
    /// <param name="tensors">All tensors.</param>
    /// <returns>Null if there is no such file, or its header is another one.</returns>
    /// <exception cref="GemmaVkException">It is there and cannot be opened.</exception>
    internal static SafetensorsWriter? Resume(string path, IReadOnlyCollection<SafetensorsEntry> tensors)
    {
        Dictionary<string, (long Offset, long Bytes)> places = [];
        byte[] header = MakeHeader(tensors, Unsaid, places);
        return !File.Exists(Partial(path)) ? null : Guard(path, () =>
        {
            SafeFileHandle handle = File.OpenHandle(Partial(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            byte[] found = new byte[header.Length];
            bool same = RandomAccess.GetLength(handle) == header.Length + places.Values.Sum(place => place.Bytes)
                && RandomAccess.Read(handle, found, 0) == found.Length && found.AsSpan().SequenceEqual(header);
            if (same)
            {
                return new SafetensorsWriter(path, handle, places);
            }

            handle.Dispose();
            return null;
        });
    }

    private static byte[] MakeHeader(
        IReadOnlyCollection<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string> metadata, Dictionary<string, (long Offset, long Bytes)> places)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            long offset = 0;
            foreach (SafetensorsEntry tensor in tensors.OrderByDescending(tensor => SafetensorsTypes.Bytes(tensor.DType)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal))
            {
                long bytes = tensor.Extents.Aggregate((long)SafetensorsTypes.Bytes(tensor.DType), (product, extent) => checked(product * extent));
                places.Add(tensor.Name, (offset, bytes));
                WriteEntry(writer, tensor, offset, offset + bytes);
                offset += bytes;
            }

            writer.WriteEndObject();
        }

        // Spaces after the brace bring the data to a boundary of eight bytes.
        int length = (json.WrittenCount + 7) / 8 * 8;
        byte[] header = new byte[8 + length];
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        json.WrittenSpan.CopyTo(header.AsSpan(8));
        header.AsSpan(8 + json.WrittenCount).Fill((byte)' ');
        foreach (string name in places.Keys.ToArray())
        {
            places[name] = (places[name].Offset + header.Length, places[name].Bytes);
        }

        return header;
    }

    private static void WriteEntry(Utf8JsonWriter writer, SafetensorsEntry tensor, long begin, long end)
    {
        writer.WriteStartObject(tensor.Name);
        writer.WriteString("dtype", tensor.DType);
        writer.WriteStartArray("shape");
        foreach (long extent in tensor.Extents)
        {
            writer.WriteNumberValue(extent);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(begin);
        writer.WriteNumberValue(end);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
