using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>
/// Knows where the values of a JSON text are: another type, a number or string at the edge, a value of elsewhere, keys that come twice or
/// not at all, nesting. What is no JSON is varied as bytes.
/// </summary>
internal sealed class JsonMutation : IMutation
{
    private static readonly ByteMutation Bytes = new();

    private static readonly byte[][] Values =
    [
        .. new[]
        {
            "null", "true", "false", "{}", "[]", "\"\"", "0", "-0", "1", "-1", "2", "-5", "3", "0.5", "1e0", "1E+2", "1e39", "-1e39", "1e308", "1e309", "-1e309", "1e-400", "1e99999999999",
            "127", "128", "255", "256", "32768", "65536", "100000", "2147483647", "2147483648", "-2147483648", "4294967296", "9007199254740993", "9223372036854775807",
            "9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999999999999999", "0.1e1", "1.0", "100000.5", "\"0\"", "\"1\"", "\"NaN\"", "\"Infinity\"",
            "\"null\"", "[null]", "[[]]", "[{}]", "{\"\":0}", "[0,0]", "[1,2,3]", "[\"a\",1,null]", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"", "\"\\u001b[31m\"", "\"\\u0085\"", "\"\\u202e\"", "\"\\ufffd\"",
            "\"/etc/passwd\"", "\"../x\"", "\"a/b\"", "\".\"", "\"https://h/x\"", "\"<|turn>\"", "\"<turn|>\\n\"", "\"<|\\\"|>\"", "\"bfloat16\"", "\"BF16\"", "\"F32\"", "\"I64\"", "\"U8\"",
        }.Select(Encoding.UTF8.GetBytes),
        [(byte)'"', 0xFF, (byte)'"'], [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"'], [(byte)'"', 0x1B, (byte)'"'],
    ];

    private readonly ConditionalWeakTable<byte[], Place[]> _places = [];

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        Place[] places = _places.GetValue(input, Places);
        if (places.Length == 0 || random.Next(10) == 0)
        {
            return Bytes.Apply(input, other, random);
        }

        List<(int Start, int End, byte[] With)> edits = [];
        for (int count = 1 + (random.Next(3) == 0 ? random.Next(3) : 0); count > 0; count--)
        {
            (int Start, int End, byte[] With) edit = Edit(input, other, places[random.Next(places.Length)], random);
            if (edits.TrueForAll(made => edit.End <= made.Start || edit.Start >= made.End))
            {
                edits.Add(edit);
            }
        }

        edits.Sort((a, b) => (a.Start, a.End).CompareTo((b.Start, b.End)));
        List<byte> result = new(input.Length + 64);
        int at = 0;
        foreach ((int start, int end, byte[] with) in edits)
        {
            result.AddRange(input.AsSpan(at, start - at));
            result.AddRange(with);
            at = end;
        }

        result.AddRange(input.AsSpan(at));
        return [.. result];
    }

    private (int Start, int End, byte[] With) Edit(byte[] input, byte[] other, Place place, Random random)
    {
        Span<byte> value = input.AsSpan(place.Start, place.End - place.Start);
        switch (random.Next(10))
        {
            case 0 when place.KeyStart >= 0:
                // The pair again, with another value: before it or behind it.
                byte[] pair = [.. input.AsSpan(place.KeyStart, place.Start - place.KeyStart), .. Any(input, other, random)];
                return random.Next(2) == 0 ? (place.KeyStart, place.KeyStart, [.. pair, (byte)',']) : (place.End, place.End, [(byte)',', .. pair]);
            case 1 when place.KeyStart >= 0:
                // Gone, and the comma with it where one stands behind.
                int end = place.End;
                while (end < input.Length && (input[end] is (byte)' ' or (byte)'\n'))
                {
                    end++;
                }

                return (place.KeyStart, end < input.Length && input[end] == ',' ? end + 1 : place.End, end < input.Length && input[end] == ',' ? [] : "\"_\":0"u8.ToArray());
            case 2 when place.KeyStart >= 0:
                return (place.KeyStart, place.Start, [.. Values.Where(each => each[0] == '"').ElementAt(random.Next(12)), (byte)':']);
            case 3:
                int depth = random.Next(8) == 0 ? random.Next(3000) : random.Next(70);
                return random.Next(2) == 0
                    ? (place.Start, place.End, [.. Enumerable.Repeat((byte)'[', depth), .. value, .. Enumerable.Repeat((byte)']', depth)])
                    : (place.Start, place.End, [.. Enumerable.Repeat("{\"a\":"u8.ToArray(), depth).SelectMany(each => each), .. value, .. Enumerable.Repeat((byte)'}', depth)]);
            case 4 when value.Length > 2 && value[0] == '"':
                return Word(place, value, random);
            case 5 when value.Length > 0 && (value[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9')):
                return (place.Start, place.End, Number(value, random));
            default:
                return (place.Start, place.End, Any(input, other, random));
        }
    }

    private byte[] Any(byte[] input, byte[] other, Random random)
    {
        byte[] from = random.Next(2) == 0 ? input : other;
        Place[] places = _places.GetValue(from, Places);
        if (random.Next(3) > 0 || places.Length == 0)
        {
            return Values[random.Next(Values.Length)];
        }

        Place place = places[random.Next(places.Length)];
        return from[place.Start..place.End];
    }

    private static (int Start, int End, byte[] With) Word(Place place, Span<byte> value, Random random)
    {
        byte[] text = value[1..^1].ToArray();
        byte[] with = random.Next(4) switch
        {
            0 => Bytes.Apply(text, text, random),
            1 => [.. Enumerable.Repeat(text, 1 + random.Next(40)).SelectMany(each => each)],
            2 => text[..random.Next(text.Length)],
            _ => [.. text, .. Values.Where(each => each[0] == '"').ElementAt(random.Next(12))[1..^1]],
        };
        return (place.Start, place.End, [(byte)'"', .. with, (byte)'"']);
    }

    private static byte[] Number(Span<byte> value, Random random)
    {
        string text = Encoding.ASCII.GetString(value);
        return Encoding.ASCII.GetBytes(random.Next(6) switch
        {
            0 => "-" + text.TrimStart('-'),
            1 => text + "0",
            2 => text + "e9",
            3 => text + ".5",
            4 when long.TryParse(text, out long whole) => (whole + random.Next(-2, 3)).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
    }

    private static Place[] Places(byte[] input)
    {
        List<Place> places = [];
        Stack<(int Start, int Key)> open = new();
        try
        {
            Utf8JsonReader reader = new(input, new JsonReaderOptions { MaxDepth = 4000, AllowTrailingCommas = true });
            int key = -1;
            while (reader.Read())
            {
                int start = (int)reader.TokenStartIndex, end = (int)reader.BytesConsumed;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        key = start;
                        break;
                    case JsonTokenType.StartArray or JsonTokenType.StartObject:
                        open.Push((start, key));
                        key = -1;
                        break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        (int from, int of) = open.Pop();
                        places.Add(new Place(of, from, end));
                        break;
                    default:
                        places.Add(new Place(key, start, end));
                        key = -1;
                        break;
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // As far as it goes.
        }

        return [.. places];
    }

    /// <summary>A value, and where its key begins, or -1.</summary>
    private readonly record struct Place(int KeyStart, int Start, int End);
}
