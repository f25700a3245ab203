using System;
using System.Linq;
using System.Text;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>Text with markers: they are put in, doubled, cut and taken away, beside words that mean something where markers stand.</summary>
internal sealed class MarkerMutation(string[] markers) : IMutation
{
    private static readonly ByteMutation Bytes = new();

    private readonly byte[][] _words =
    [
        .. markers.Select(Encoding.UTF8.GetBytes),
        .. new[]
        {
            "thought", "thought\n", "thou", " ", "\n", "model\n", "model", "call:", "call:f{", "}", "{", "[", "]", ",", ":", "\"", "'", "\\", "a:1", "a:true", "a:None", "b:-1e9", "b:1e999", "\u00E9",
            "\U0001F600", "\u2028", "\0", "\uFEFF", "call:f{a:{", "call:a.b/c:d-e{}", "<", "|>", "<|", "{{{{{{{{", "[[[[[[[[", "0x1", "01", "+1", ".5", "nan",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        if (random.Next(4) == 0)
        {
            return Bytes.Apply(input, other, random);
        }

        byte[] bytes = input;
        for (int edits = 1 + random.Next(4); edits > 0; edits--)
        {
            int at = random.Next(bytes.Length + 1);
            byte[] word = _words[random.Next(_words.Length)];
            bytes = random.Next(12) == 0
                ? [.. bytes.AsSpan(0, at), .. Enumerable.Repeat(word, random.Next(400)).SelectMany(each => each), .. bytes.AsSpan(at)]
                : random.Next(5) == 0 && other.Length > 0
                ? [.. bytes.AsSpan(0, at), .. other.AsSpan(random.Next(other.Length))]
                : [.. bytes.AsSpan(0, at), .. word, .. bytes.AsSpan(Math.Min(bytes.Length, at + random.Next(6)))];
        }

        return bytes;
    }
}
