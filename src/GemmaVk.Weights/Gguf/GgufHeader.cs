using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// The header of a GGUF file, versions 2 and 3. All of it is untrusted: counts, lengths, products, offsets and overlaps are checked against the
/// file before anything is allocated by them.
/// <code>
/// "GGUF"    version U32    tensor count U64    pair count U64
/// pairs:    key (U64 length, UTF-8)    type U32    value: a number, a BOOL of 0 or 1, a string, or an array (element type U32, count U64, elements)
/// tensors:  name (string)    rank U32    extents U64 each, the contiguous one first    type U32    offset U64, a multiple of the alignment
/// data:     from the next multiple of general.alignment (32 where it is not given); offsets count from there
/// </code>
/// Source: docs/gguf.md of the ggml project.
/// </summary>
internal sealed class GgufHeader
{
    /// <summary>Longest header that is read; that of a vocabulary of 262,144 tokens with its merges takes 16 MB.</summary>
    public const int LargestBytes = 512 << 20;

    private const int LongestKey = 65535, LongestName = 255, DeepestArray = 4;
    private const int LeastPair = 13, LeastTensor = 32;
    private const uint LargestAlignment = 1 << 20;

    private readonly string _path;
    private readonly Dictionary<string, FileTensor> _tensors = [];
    private readonly Dictionary<string, GgufValue> _values = [];

    private GgufHeader(string path)
    {
        _path = path;
    }

    /// <summary>2 or 3: the numbers are the same in both.</summary>
    public uint Version { get; private set; }

    /// <summary>Tensors by their names in the file, extents outermost first, offsets from the start of the file.</summary>
    public IReadOnlyDictionary<string, FileTensor> Tensors => _tensors;

    /// <summary>Where the metadata values lie.</summary>
    public IReadOnlyDictionary<string, GgufValue> Values => _values;

    /// <param name="start">The file's first bytes: at least the header, or all there is.</param>
    /// <param name="fileLength">Length of the whole file.</param>
    /// <param name="path">Named in messages.</param>
    /// <exception cref="GemmaVkException">It is no GGUF file of version 2 or 3, damaged or cut off.</exception>
    public static GgufHeader Parse(ReadOnlySpan<byte> start, long fileLength, string path)
    {
        GgufHeader header = new(path);
        GgufCursor cursor = new(start, path, start.Length < fileLength);
        header.ReadMagic(ref cursor, start);
        ulong tensors = cursor.U64("a tensor count");
        ulong pairs = cursor.U64("a count of metadata pairs");
        header.Limit(cursor, pairs, LeastPair, "metadata pairs");
        header.Limit(cursor, tensors, LeastTensor, "tensors");
        for (ulong i = 0; i < pairs; i++)
        {
            header.ReadPair(ref cursor);
        }

        uint alignment = header.Alignment(start);
        List<(string Name, GgmlType Type, long[] Extents, ulong Offset)> found = [];
        for (ulong i = 0; i < tensors; i++)
        {
            found.Add(header.ReadTensor(ref cursor, alignment));
        }

        long data = (cursor.At + (long)alignment - 1) / alignment * alignment;
        foreach ((string name, GgmlType type, long[] extents, ulong offset) in found)
        {
            header.Place(name, type, extents, offset, data, fileLength);
        }

        header.CheckOverlaps();
        return header;
    }

    private void ReadMagic(ref GgufCursor cursor, ReadOnlySpan<byte> start)
    {
        if (!cursor.Take(4, "a beginning").SequenceEqual("GGUF"u8))
        {
            throw new GemmaVkException($"{_path} must be a GGUF file, which begins with \"GGUF\", but begins otherwise{(start.StartsWith("version https://git-lfs"u8)
                ? ": it is a pointer of git lfs; run 'git lfs pull' to fetch the file itself."
                : start is [_, _, _, _, _, _, _, _, (byte)'{', ..] ? ", as a safetensors file does; pass its folder." : $"; {TensorFile.Remedy}")}");
        }

        Version = cursor.U32("a version");
        if (Version is 2 or 3)
        {
            return;
        }

        bool swapped = BinaryPrimitives.ReverseEndianness(Version) is >= 1 and <= 3;
        throw new GemmaVkException($"{_path} must be a little-endian GGUF file of version 2 or 3, but {(swapped
            ? "is big-endian; take the little-endian file of the same model, or convert it with gguf-py's gguf_convert_endian.py."
            : $"says version {Version}; convert the model again with a current llama.cpp.")}");
    }

    /// <summary>A count that the rest of the file has no room for is refused before the first of its things is read.</summary>
    private void Limit(in GgufCursor cursor, ulong count, int least, string what)
    {
        if (count > (ulong)(cursor.Left / least))
        {
            throw cursor.Bad($"at most {cursor.Left / least} {what}, for which it has room", count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void ReadPair(ref GgufCursor cursor)
    {
        string key = cursor.Name("a metadata key", LongestKey);
        GgufValueType type = ReadType(ref cursor, key);
        int start = cursor.At;
        GgufValue value = new(type, type, start, 1);
        if (type == GgufValueType.Array)
        {
            GgufValueType element = ReadType(ref cursor, key);
            ulong count = cursor.U64($"the length of {Short(key)}");
            value = new GgufValue(type, element, cursor.At, count);
            SkipArray(ref cursor, element, count, key, 1);
        }
        else
        {
            Skip(ref cursor, type, key);
        }

        if (!_values.TryAdd(key, value))
        {
            throw cursor.Bad("every metadata key once", $"{Short(key)} twice");
        }
    }

    private static GgufValueType ReadType(ref GgufCursor cursor, string key)
    {
        uint type = cursor.U32($"the type of {Short(key)}");
        return type <= (uint)GgufValueType.F64 ? (GgufValueType)type : throw cursor.Bad($"a type of 0 to 12 for {Short(key)}", type.ToString(CultureInfo.InvariantCulture));
    }

    private static void Skip(ref GgufCursor cursor, GgufValueType type, string key)
    {
        string what = $"the value of {Short(key)}";
        switch (type)
        {
            case GgufValueType.Text:
                cursor.Bytes(what);
                break;
            case GgufValueType.Bool:
                if (cursor.U8(what) > 1)
                {
                    throw cursor.Bad($"0 or 1 for {Short(key)}, a BOOL", "another byte");
                }

                break;
            default:
                cursor.Take((ulong)GgufMetadata.Width(type), what);
                break;
        }
    }

    private static void SkipArray(ref GgufCursor cursor, GgufValueType element, ulong count, string key, int depth)
    {
        int width = element switch { GgufValueType.Text => 8, GgufValueType.Array => 12, _ => GgufMetadata.Width(element) };
        if (count > (ulong)(cursor.Left / width))
        {
            throw cursor.Bad($"at most {cursor.Left / width} elements for {Short(key)}, for which it has room", count.ToString(CultureInfo.InvariantCulture));
        }

        if (element is not (GgufValueType.Text or GgufValueType.Array or GgufValueType.Bool))
        {
            cursor.Take(count * (ulong)width, $"the elements of {Short(key)}");
            return;
        }

        string what = $"the elements of {Short(key)}";
        for (ulong i = 0; i < count; i++)
        {
            if (element == GgufValueType.Text)
            {
                cursor.Bytes(what);
            }
            else if (element == GgufValueType.Bool)
            {
                Skip(ref cursor, element, key);
            }
            else if (depth == DeepestArray)
            {
                throw cursor.Bad($"arrays at most {DeepestArray} deep for {Short(key)}", "deeper ones");
            }
            else
            {
                GgufValueType inner = ReadType(ref cursor, key);
                SkipArray(ref cursor, inner, cursor.U64(what), key, depth + 1);
            }
        }
    }

    private uint Alignment(ReadOnlySpan<byte> start)
    {
        const string Key = "general.alignment";
        if (!_values.TryGetValue(Key, out GgufValue value))
        {
            return 32;
        }

        uint alignment = value.Type == GgufValueType.U32 ? BinaryPrimitives.ReadUInt32LittleEndian(start[value.Start..]) : 0;
        return alignment is >= 8 and <= LargestAlignment && BitOperations.IsPow2(alignment) ? alignment : throw new GemmaVkException(
            $"{_path}: {Key} must be a power of two from 8 to {LargestAlignment} as a U32, but is {(value.Type == GgufValueType.U32 ? alignment.ToString(CultureInfo.InvariantCulture) : value.Kind)}; {TensorFile.Remedy}");
    }

    private (string Name, GgmlType Type, long[] Extents, ulong Offset) ReadTensor(ref GgufCursor cursor, uint alignment)
    {
        string name = cursor.Name("a tensor name", LongestName);
        string about = $"for tensor {Short(name)}";
        uint rank = cursor.U32($"a rank {about}");
        if (rank is 0 or > 4)
        {
            throw cursor.Bad($"1 to 4 extents {about}", rank.ToString(CultureInfo.InvariantCulture));
        }

        // The file has the contiguous extent first.
        long[] extents = new long[rank];
        for (int axis = (int)rank - 1; axis >= 0; axis--)
        {
            ulong extent = cursor.U64($"extents {about}");
            extents[axis] = extent is > 0 and <= long.MaxValue ? (long)extent : throw cursor.Bad($"extents of 1 to 2^63 - 1 {about}", extent.ToString(CultureInfo.InvariantCulture));
        }

        uint id = cursor.U32($"a type {about}");
        GgmlType type = GgmlType.Of(id) ?? throw cursor.Bad($"one of the element types {GgmlType.Readable} {about}", $"type number {id}");
        ulong offset = cursor.U64($"an offset {about}");
        return offset % alignment == 0 ? (name, type, extents, offset) : throw cursor.Bad($"an offset that is a multiple of {alignment} {about}", offset.ToString(CultureInfo.InvariantCulture));
    }

    private void Place(string name, GgmlType type, long[] extents, ulong offset, long data, long fileLength)
    {
        if (extents[^1] % type.BlockElements != 0)
        {
            throw Bad(name, $"rows of a multiple of {type.BlockElements} elements for {type.Name}", $"rows of {extents[^1]}");
        }

        UInt128 bytes = (UInt128)(ulong)(extents[^1] / type.BlockElements) * (uint)type.BlockBytes;
        foreach (long extent in extents.SkipLast(1))
        {
            bytes *= (ulong)extent;
            if (bytes > long.MaxValue)
            {
                throw Bad(name, "a shape whose bytes can be counted", "one that overflows 64 bits");
            }
        }

        if ((UInt128)(ulong)data + offset + bytes > (ulong)fileLength)
        {
            throw Bad(name, $"bytes within the file, which has {fileLength}", $"{bytes} bytes at {(UInt128)(ulong)data + offset} (a truncated download?)");
        }

        if (!_tensors.TryAdd(name, new FileTensor(name, type.Name, extents, data + (long)offset, (long)bytes)))
        {
            throw new GemmaVkException($"{_path} must name every tensor once, but names {Short(name)} twice; {TensorFile.Remedy}");
        }
    }

    private void CheckOverlaps()
    {
        FileTensor? last = null;
        foreach (FileTensor tensor in _tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteLength))
        {
            if (last is not null && tensor.Offset < last.Offset + last.ByteLength)
            {
                throw new GemmaVkException($"{_path} must give every tensor its own bytes, but {Short(last.Name)} and {Short(tensor.Name)} overlap; {TensorFile.Remedy}");
            }

            last = tensor;
        }
    }

    private GemmaVkException Bad(string name, string expected, string actual) =>
        new($"{_path}: the header of tensor {Short(name)} must give {expected}, but gives {actual}; {TensorFile.Remedy}");

    private static string Short(string name) => name.Length <= 120 ? name : name[..120] + "...";
}
