using System;
using System.Buffers.Binary;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>A file of logits: sixteen bytes that end in the length of a JSON text, the text, records. The text is varied, and its length mostly made right again.</summary>
internal sealed class LogitsMutation : IMutation
{
    private const int Head = 16;
    private static readonly ByteMutation Bytes = new();
    private static readonly JsonMutation Json = new();

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        if (!TryText(input, out byte[] text, out byte[] records) || random.Next(4) == 0)
        {
            return Bytes.Apply(input, other, random);
        }

        byte[] changed = random.Next(3) == 0 ? text : Json.Apply(text, TryText(other, out byte[] another, out _) ? another : text, random);
        byte[] head = input[..Head];
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), changed.Length + (random.Next(20) == 0 ? random.Next(-9, 10) : 0));
        return [.. head, .. changed, .. random.Next(2) == 0 ? Bytes.Apply(records, records, random) : records];
    }

    private static bool TryText(byte[] input, out byte[] text, out byte[] records)
    {
        int length = input.Length < Head ? -1 : BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(12));
        bool fits = length >= 0 && length <= input.Length - Head;
        (text, records) = fits ? (input[Head..(Head + length)], input[(Head + length)..]) : ([], []);
        return fits;
    }
}
