using System;
using System.Buffers.Binary;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>A safetensors file: eight bytes of length, JSON of that length, data. The JSON is varied, and the length mostly made right again.</summary>
internal sealed class HeaderMutation : IMutation
{
    private static readonly ByteMutation Bytes = new();
    private static readonly JsonMutation Json = new();

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        if (!TryHeader(input, out byte[] header, out byte[] data) || random.Next(8) == 0)
        {
            return Bytes.Apply(input, other, random);
        }

        byte[] changed = Json.Apply(header, TryHeader(other, out byte[] another, out _) ? another : header, random);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, changed.Length + (random.Next(20) == 0 ? random.Next(-9, 10) : 0));
        return [.. length, .. changed, .. random.Next(8) == 0 ? Bytes.Apply(data, data, random) : data];
    }

    private static bool TryHeader(byte[] input, out byte[] header, out byte[] data)
    {
        long length = input.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(input);
        bool fits = length >= 0 && length <= input.Length - 8;
        (header, data) = fits ? (input[8..(8 + (int)length)], input[(8 + (int)length)..]) : ([], []);
        return fits;
    }
}
