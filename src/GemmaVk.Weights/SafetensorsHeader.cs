using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>
/// The checked header of a safetensors file. What is allocated is a small multiple of the header's own bytes, whatever
/// numbers stand in it.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Longest header that is read: the published format's own limit.</summary>
    public const int LargestBytes = 100_000_000;

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private readonly Dictionary<string, FileTensor> _tensors = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafetensorsHeader(string path, long dataStart, long dataLength)
    {
        _path = path;
        _dataStart = dataStart;
        _dataLength = dataLength;
    }

    public IReadOnlyDictionary<string, FileTensor> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <param name="start">The file's first bytes: at least the header, or all there is.</param>
    /// <param name="fileLength">Length of the whole file, at least 8.</param>
    /// <param name="path">Named in messages.</param>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> start, long fileLength, string path)
    {
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (declared > (ulong)(fileLength - 8) || declared > LargestBytes)
        {
            throw Bad(
                path, $"a safetensors file, whose first 8 bytes give a header length of at most {Math.Min(fileLength - 8, LargestBytes)}",
                start[..4].SequenceEqual("GGUF"u8) ? "a GGUF file" : $"a file that gives {declared}");
        }

        SafetensorsHeader header = new(path, 8 + (long)declared, fileLength - 8 - (long)declared);
        try
        {
            header.Read(start.Slice(8, (int)declared));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            // The reader reports invalid UTF-8 inside a string as an InvalidOperationException, and quotes all that is left where a word is none of JSON's.
            throw new GemmaVkException($"{path} must have a header of valid UTF-8 JSON, but: {Shorten(error.Message)} {Remedy}", error);
        }

        header.CheckOverlaps();
        return header;
    }

    public static GemmaVkException Bad(string path, string expected, string actual) =>
        new($"{path} must be {expected}, but is {actual}; {Remedy}");

    private const string Remedy = "download or convert the file again, and compare its size with the published one.";

    private GemmaVkException BadTensor(string name, string expected, string actual) =>
        new($"{_path}: the header of tensor \"{Shorten(name)}\" must give {expected}, but gives {actual}; {Remedy}");

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..120] + "...";

    private void Read(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 4 });
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name == "__metadata__")
            {
                ReadMetadata(ref reader);
                continue;
            }

            if (!_tensors.TryAdd(name, ReadTensor(ref reader, name)))
            {
                throw new GemmaVkException($"{_path} must name every tensor once, but names \"{Shorten(name)}\" twice; {Remedy}");
            }
        }

        while (reader.Read())
        {
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String);
            _metadata[key] = reader.GetString()!;
        }
    }

    private FileTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            switch (reader.GetString())
            {
                case "dtype" when dtype is null:
                    Expect(ref reader, JsonTokenType.String);
                    dtype = reader.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name);
                    break;
                case { } key:
                    throw BadTensor(name, "dtype, shape and data_offsets once each", $"also \"{Shorten(key)}\"");
            }
        }

        if (dtype is null || shape is null || offsets is not { Count: 2 })
        {
            throw BadTensor(name, "dtype, shape and two data_offsets", "not all of them");
        }

        long begin = offsets[0], end = offsets[1];
        if (begin > end || end > _dataLength)
        {
            throw BadTensor(name, $"offsets in order within the {_dataLength} bytes of data", $"{begin} and {end} (a truncated download?)");
        }

        CheckLength(name, dtype, shape, end - begin);
        return new FileTensor(name, dtype, shape, _dataStart + begin, end - begin);
    }

    private void CheckLength(string name, string dtype, List<long> shape, long bytes)
    {
        // Types this project does not know are carried along: they matter only if somebody asks for the tensor.
        int width = SafetensorsTypes.Bytes(dtype);
        if (width == 0)
        {
            return;
        }

        UInt128 expected = (uint)width;
        foreach (long extent in shape)
        {
            expected *= (ulong)extent;
            if (expected > long.MaxValue)
            {
                throw BadTensor(name, "a shape whose bytes can be counted", $"one that overflows 64 bits");
            }
        }

        if (expected != (ulong)bytes)
        {
            throw BadTensor(name, $"offsets {expected} bytes apart for {dtype} [{string.Join(", ", shape)}]", $"{bytes} bytes");
        }
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name)
    {
        const int LongestShape = 64;
        List<long> numbers = [];
        Expect(ref reader, JsonTokenType.StartArray);
        while (Next(ref reader) == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out long number) || number < 0 || numbers.Count == LongestShape)
            {
                throw BadTensor(name, $"at most {LongestShape} whole numbers from 0 to 2^63 - 1", "something else");
            }

            numbers.Add(number);
        }

        return reader.TokenType == JsonTokenType.EndArray ? numbers : throw BadTensor(name, "lists of whole numbers", "something else");
    }

    private void CheckOverlaps()
    {
        List<FileTensor> sorted = [.. _tensors.Values];
        sorted.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.ByteLength.CompareTo(b.ByteLength));
        for (int i = 1; i < sorted.Count; i++)
        {
            if (sorted[i].Offset < sorted[i - 1].Offset + sorted[i - 1].ByteLength)
            {
                throw new GemmaVkException(
                    $"{_path} must give every tensor its own bytes, but \"{Shorten(sorted[i - 1].Name)}\" and \"{Shorten(sorted[i].Name)}\" overlap; {Remedy}");
            }
        }
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : JsonTokenType.None;

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (Next(ref reader) != type)
        {
            throw new FormatException($"expected {type} at byte {reader.TokenStartIndex}, but found {reader.TokenType}.");
        }
    }
}
