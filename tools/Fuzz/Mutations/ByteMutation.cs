using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>Knows nothing of an input: bits, bytes, numbers of each width at the edges of their range, parts left out, doubled, taken from elsewhere.</summary>
internal sealed class ByteMutation : IMutation
{
    private const int LongestPart = 64;

    private static readonly long[] Edges =
    [
        0, 1, -1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 1000, 4096, 32767, 32768, 65535, 65536, 1 << 20, int.MaxValue, int.MinValue, uint.MaxValue,
        1L << 32, long.MaxValue, long.MinValue,
    ];

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        List<byte> bytes = [.. input];
        for (int edits = 1 + random.Next(4); edits > 0; edits--)
        {
            Edit(bytes, other, random);
        }

        return [.. bytes];
    }

    private static void Edit(List<byte> bytes, byte[] other, Random random)
    {
        int at = random.Next(bytes.Count + 1);
        int part = Math.Min(1 + random.Next(LongestPart), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, part);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, part));
                break;
            case 4 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                byte[] noise = new byte[1 + random.Next(8)];
                random.NextBytes(noise);
                bytes.InsertRange(at, noise);
                break;
            case 6 when other.Length > 0:
                int from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(1 + random.Next(LongestPart), other.Length - from)));
                break;
            default:
                Number(bytes, at, random);
                break;
        }
    }

    private static void Number(List<byte> bytes, int at, Random random)
    {
        byte[] number = new byte[8];
        long value = Edges[random.Next(Edges.Length)];
        int width = 1 << random.Next(4);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value << (64 - (8 * width)));
        }

        for (int i = 0; i < width && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[i];
        }
    }
}
