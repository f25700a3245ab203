using System;
using System.Buffers.Binary;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>Knows where numbers of a GGUF header tend to stand: counts, lengths, types and offsets get values at the edges, whole or in part.</summary>
internal sealed class GgufMutation : IMutation
{
    private static readonly ByteMutation Bytes = new();

    private static readonly ulong[] Edges =
        [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 16, 31, 32, 33, 64, 255, 256, 1 << 16, 1 << 20, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 61, (1UL << 62) + 1, long.MaxValue, 1UL << 63, ulong.MaxValue];

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        if (input.Length < 32 || random.Next(4) == 0)
        {
            return Bytes.Apply(input, other, random);
        }

        byte[] changed = [.. input];
        for (int edits = 1 + random.Next(3); edits > 0; edits--)
        {
            ulong edge = Edges[random.Next(Edges.Length)];
            switch (random.Next(6))
            {
                case 0:
                    BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(random.Next(2) == 0 ? 8 : 16), edge);
                    break;
                case 1:
                    BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(random.Next(changed.Length - 4)), (uint)edge);
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(random.Next(changed.Length - 8)), edge);
                    break;
                case 3:
                    // A number that is there, a little off.
                    int at = random.Next(changed.Length - 8);
                    BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(at), BinaryPrimitives.ReadUInt64LittleEndian(changed.AsSpan(at)) + (ulong)random.Next(-2, 3));
                    break;
                case 4:
                    // A part of another header over this one.
                    int length = Math.Min(random.Next(1, 32), other.Length), from = random.Next(other.Length - length + 1);
                    other.AsSpan(from, length).CopyTo(changed.AsSpan(random.Next(changed.Length - length + 1)));
                    break;
                default:
                    changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return changed;
    }
}
