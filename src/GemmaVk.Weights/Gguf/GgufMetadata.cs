using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// The metadata of a GGUF file by key. A value of another type than the key's is an error that names file, key and type; whole numbers of any
/// width are as good as each other, as long as they fit.
/// </summary>
/// <param name="values">Where the values lie.</param>
/// <param name="bytes">The header.</param>
/// <param name="path">Named in messages.</param>
internal sealed class GgufMetadata(IReadOnlyDictionary<string, GgufValue> values, ReadOnlyMemory<byte> bytes, string path)
{
    // Lists that are read as numbers have an entry per layer; only the vocabulary's are longer.
    private const int LongestList = 65536;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys => values.Keys;

    /// <summary>Bytes of a number of a type.</summary>
    public static int Width(GgufValueType type) => type switch
    {
        GgufValueType.U8 or GgufValueType.I8 or GgufValueType.Bool => 1,
        GgufValueType.U16 or GgufValueType.I16 => 2,
        GgufValueType.U32 or GgufValueType.I32 or GgufValueType.F32 => 4,
        GgufValueType.U64 or GgufValueType.I64 or GgufValueType.F64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a number"),
    };

    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>Whether a value is a list of some kind.</summary>
    public bool IsList(string key) => values.TryGetValue(key, out GgufValue value) && value.Type == GgufValueType.Array;

    public string? Text(string key)
    {
        if (!values.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        return value.Type == GgufValueType.Text ? Decode(TextAt(value.Start), key) : throw Wrong(key, "a string", value.Kind);
    }

    public bool? Flag(string key) => !values.TryGetValue(key, out GgufValue value) ? null
        : value.Type == GgufValueType.Bool ? bytes.Span[value.Start] != 0 : throw Wrong(key, "true or false", value.Kind);

    public int? Whole(string key) => !values.TryGetValue(key, out GgufValue value) ? null
        : value.Type == GgufValueType.Array ? throw Wrong(key, "a whole number", value.Kind) : WholeAt(key, value.Type, value.Start);

    public int RequiredWhole(string key) => Whole(key) ?? throw Wrong(key, "a whole number", "absent");

    /// <summary>A number; a whole one counts too.</summary>
    public double? Number(string key)
    {
        if (!values.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        double number = value.Type switch
        {
            GgufValueType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes.Span[value.Start..]),
            GgufValueType.F64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes.Span[value.Start..]),
            GgufValueType.Array => throw Wrong(key, "a number", value.Kind),
            _ => WholeAt(key, value.Type, value.Start),
        };
        return double.IsFinite(number) ? number : throw Wrong(key, "a finite number", number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A list of whole numbers or flags (1 and 0).</summary>
    public int[]? Wholes(string key, int longest = LongestList)
    {
        if (!values.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        if (value.Type != GgufValueType.Array || value.Element is GgufValueType.Text or GgufValueType.Array or GgufValueType.F32 or GgufValueType.F64 || value.Count > (ulong)longest)
        {
            throw Wrong(key, $"a list of at most {longest} whole numbers", value.Kind);
        }

        int[] list = new int[value.Count];
        int width = Width(value.Element);
        for (int i = 0; i < list.Length; i++)
        {
            list[i] = value.Element == GgufValueType.Bool ? bytes.Span[value.Start + i] : WholeAt(key, value.Element, value.Start + (i * width));
        }

        return list;
    }

    /// <summary>A list of F32.</summary>
    public float[]? Singles(string key)
    {
        if (!values.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        if (value is not { Type: GgufValueType.Array, Element: GgufValueType.F32, Count: <= LongestList })
        {
            throw Wrong(key, $"a list of at most {LongestList} F32", value.Kind);
        }

        float[] list = new float[value.Count];
        for (int i = 0; i < list.Length; i++)
        {
            list[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.Span[(value.Start + (4 * i))..]);
        }

        return list;
    }

    /// <summary>Elements of a list, or null where there is none.</summary>
    public long? Length(string key) => !values.TryGetValue(key, out GgufValue value) ? null
        : value.Type == GgufValueType.Array ? (long)value.Count : throw Wrong(key, "a list", value.Kind);

    /// <summary>Bytes of all strings of a list; 0 where there is none.</summary>
    public long Bytes(string key)
    {
        long total = 0;
        if (values.TryGetValue(key, out GgufValue value) && value is { Type: GgufValueType.Array, Element: GgufValueType.Text })
        {
            int at = value.Start;
            for (ulong i = 0; i < value.Count; i++)
            {
                int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[at..]);
                total += length;
                at += 8 + length;
            }
        }

        return total;
    }

    /// <summary>A list of strings as one block of bytes and where each begins, the end behind them; nothing is made per string.</summary>
    /// <param name="key">The key.</param>
    /// <param name="text">All bytes, one string behind the other.</param>
    /// <param name="starts">Where each begins, and the end.</param>
    public void Texts(string key, out byte[] text, out int[] starts)
    {
        if (!values.TryGetValue(key, out GgufValue value) || value is not { Type: GgufValueType.Array, Element: GgufValueType.Text })
        {
            throw Wrong(key, "a list of strings", values.ContainsKey(key) ? value.Kind : "absent");
        }

        ReadOnlySpan<byte> header = bytes.Span;
        starts = new int[value.Count + 1];
        int total = 0, at = value.Start;
        for (int i = 0; i < starts.Length - 1; i++)
        {
            starts[i] = total;
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[at..]);
            total += length;
            at += 8 + length;
        }

        starts[^1] = total;
        text = new byte[total];
        at = value.Start;
        for (int i = 0; i < starts.Length - 1; i++)
        {
            int length = starts[i + 1] - starts[i];
            header.Slice(at + 8, length).CopyTo(text.AsSpan(starts[i]));
            at += 8 + length;
        }

        // Each is valid where all together are and none begins inside a character.
        bool valid = Utf8.IsValid(text);
        for (int i = 0; valid && i < starts.Length - 1; i++)
        {
            valid = starts[i] == total || (text[starts[i]] & 0xC0) != 0x80;
        }

        if (!valid)
        {
            throw Wrong(key, "strings of valid UTF-8", "others");
        }
    }

    public GemmaVkException Wrong(string key, string expected, string actual) =>
        new($"{path}: {key} must be {expected}, but is {actual}; {TensorFile.Remedy}");

    private ReadOnlySpan<byte> TextAt(int start) =>
        bytes.Span.Slice(start + 8, (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[start..]));

    private string Decode(ReadOnlySpan<byte> utf8, string key) =>
        Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw Wrong(key, "valid UTF-8", "not");

    private int WholeAt(string key, GgufValueType type, int start)
    {
        ReadOnlySpan<byte> at = bytes.Span[start..];
        Int128 number = type switch
        {
            GgufValueType.U8 => at[0],
            GgufValueType.I8 => (sbyte)at[0],
            GgufValueType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
            GgufValueType.I16 => BinaryPrimitives.ReadInt16LittleEndian(at),
            GgufValueType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
            GgufValueType.I32 => BinaryPrimitives.ReadInt32LittleEndian(at),
            GgufValueType.U64 => BinaryPrimitives.ReadUInt64LittleEndian(at),
            GgufValueType.I64 => BinaryPrimitives.ReadInt64LittleEndian(at),
            _ => throw Wrong(key, "a whole number", type.ToString()),
        };
        return number >= int.MinValue && number <= int.MaxValue ? (int)number : throw Wrong(key, $"a whole number within {int.MaxValue}", number.ToString(CultureInfo.InvariantCulture));
    }
}
