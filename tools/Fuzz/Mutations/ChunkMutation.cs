using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>
/// Knows the chunks of RIFF (name, length, content) or PNG (length, name, content, check value): left out, doubled, exchanged, lengths that lie,
/// fields of their content at the edges. PNG's check values are mostly made right again, so that what lies behind them is reached.
/// </summary>
internal sealed class ChunkMutation(bool png) : IMutation
{
    private const int HeadOfPng = 8;
    private const int HeadOfRiff = 12;
    private static readonly ByteMutation Bytes = new();

    public byte[] Apply(byte[] input, byte[] other, Random random)
    {
        List<Chunk> chunks = Chunks(input);
        if (chunks.Count == 0 || random.Next(6) == 0)
        {
            return Bytes.Apply(input, other, random);
        }

        for (int edits = 1 + random.Next(3); edits > 0 && chunks.Count > 0; edits--)
        {
            Edit(chunks, other, random);
        }

        return Join(input, chunks, random);
    }

    private void Edit(List<Chunk> chunks, byte[] other, Random random)
    {
        int at = random.Next(chunks.Count);
        Chunk chunk = chunks[at];
        switch (random.Next(8))
        {
            case 0:
                chunks.RemoveAt(at);
                break;
            case 1:
                chunks.Insert(random.Next(chunks.Count + 1), chunk);
                break;
            case 2:
                int with = random.Next(chunks.Count);
                (chunks[at], chunks[with]) = (chunks[with], chunk);
                break;
            case 3:
                uint[] lies = [0, 1, 2, uint.MaxValue, 0x7FFFFFFF, 0x80000000, (uint)chunk.Content.Length + 1, (uint)Math.Max(0, chunk.Content.Length - 1), 0xFFFFFFF8, 1 << 20];
                chunks[at] = chunk with { Says = lies[random.Next(lies.Length)] };
                break;
            case 4 when Chunks(other) is { Count: > 0 } others:
                chunks.Insert(random.Next(chunks.Count + 1), others[random.Next(others.Count)]);
                break;
            case 5 when chunk.Content.Length > 1:
                // In two: data may come in any number of chunks.
                int cut = random.Next(chunk.Content.Length);
                chunks[at] = chunk with { Content = chunk.Content[..cut], Says = (uint)cut };
                chunks.Insert(at + 1, chunk with { Content = chunk.Content[cut..], Says = (uint)(chunk.Content.Length - cut) });
                break;
            default:
                byte[] content = Bytes.Apply(chunk.Content, chunk.Content, random);
                // Headers have a fixed length, which a change of their fields keeps.
                content = random.Next(4) > 0 && content.Length >= chunk.Content.Length ? content[..chunk.Content.Length] : content;
                chunks[at] = chunk with { Content = content, Says = (uint)content.Length };
                break;
        }
    }

    private List<Chunk> Chunks(byte[] input)
    {
        List<Chunk> chunks = [];
        int at = png ? HeadOfPng : HeadOfRiff;
        while (at + 8 <= input.Length)
        {
            uint length = png ? BinaryPrimitives.ReadUInt32BigEndian(input.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(at + 4));
            int content = (int)Math.Min(length, (uint)(input.Length - at - 8));
            chunks.Add(new Chunk(input[(png ? at + 4 : at)..(png ? at + 8 : at + 4)], length, input[(at + 8)..(at + 8 + content)]));
            at += 8 + content + (png ? 4 : content & 1);
        }

        return chunks;
    }

    private byte[] Join(byte[] input, List<Chunk> chunks, Random random)
    {
        bool check = random.Next(10) > 0;
        List<byte> bytes = [.. input.AsSpan(0, Math.Min(input.Length, png ? HeadOfPng : HeadOfRiff))];
        byte[] number = new byte[4];
        foreach (Chunk chunk in chunks)
        {
            if (png)
            {
                BinaryPrimitives.WriteUInt32BigEndian(number, chunk.Says);
                bytes.AddRange([.. number, .. chunk.Name, .. chunk.Content]);
                BinaryPrimitives.WriteUInt32BigEndian(number, check ? Media.Png.Crc32.Of([.. chunk.Name, .. chunk.Content]) : (uint)random.Next());
                bytes.AddRange(number);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(number, chunk.Says);
                bytes.AddRange([.. chunk.Name, .. number, .. chunk.Content, .. Enumerable.Repeat((byte)0, chunk.Content.Length & 1)]);
            }
        }

        return [.. bytes];
    }

    /// <summary>A chunk, and the length that it gives.</summary>
    private sealed record Chunk(byte[] Name, uint Says, byte[] Content);
}
