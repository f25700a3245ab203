using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>JSON, or lines of words such as <c>packet|pts=0|duration=512</c>: values at the edges, words and lines left out, doubled, exchanged.</summary>
internal sealed class AnswerMutation : IMutation
{
    private static readonly JsonMutation Json = new();
    private static readonly ByteMutation Bytes = new();

    private static readonly string[] Values =
    [
        "", "N/A", "0", "-1", "1", "1/0", "0/1", "0/0", "-1/1", "1/-1", "1e309/1", "nan", "inf", "-inf", "1e308", "-1e308", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e-320",
        "0.5", "24000/1001", "1000000000/1", "1/1000000000", "4294967296", "2147483648", "x", "\0", "=", "1=2",
    ];

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        if (input.Length > 0 && input[0] is (byte)'{' or (byte)'n')
        {
            return Json.Apply(input, other, random);
        }

        if (random.Next(8) == 0)
        {
            return Bytes.Apply(input, other, random);
        }

        List<string> lines = [.. Encoding.Latin1.GetString(input).Split('\n')];
        for (int edits = 1 + random.Next(3); edits > 0 && lines.Count > 0; edits--)
        {
            int at = random.Next(lines.Count);
            switch (random.Next(7))
            {
                case 0:
                    lines.RemoveAt(at);
                    break;
                case 1:
                    lines.InsertRange(random.Next(lines.Count + 1), Enumerable.Repeat(lines[at], 1 + random.Next(random.Next(10) == 0 ? 200 : 3)));
                    break;
                case 2:
                    int with = random.Next(lines.Count);
                    (lines[at], lines[with]) = (lines[with], lines[at]);
                    break;
                default:
                    lines[at] = Word(lines[at], random);
                    break;
            }
        }

        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    private static string Word(string line, Random random)
    {
        List<string> words = [.. line.Split('|')];
        int at = random.Next(words.Count);
        int equals = words[at].IndexOf('=', StringComparison.Ordinal);
        switch (random.Next(6))
        {
            case 0:
                words.RemoveAt(at);
                break;
            case 1:
                words.Add(words[at]);
                break;
            default:
                words[at] = words[at][..(equals + 1)] + Values[random.Next(Values.Length)];
                break;
        }

        return string.Join('|', words);
    }
}
