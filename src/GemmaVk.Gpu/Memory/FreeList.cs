using System;
using System.Collections.Generic;

namespace GemmaVk.Gpu.Memory;

/// <summary>Free ranges of one block, sorted by offset and never touching each other. First fit.</summary>
internal sealed class FreeList(ulong size)
{
    private readonly List<(ulong Offset, ulong Size)> free = [(0, size)];

    /// <summary>Bytes that are free, in however many pieces.</summary>
    public ulong FreeBytes
    {
        get
        {
            ulong sum = 0;
            foreach ((_, ulong piece) in free)
                sum += piece;
            return sum;
        }
    }

    /// <summary>True when everything is free.</summary>
    public bool IsEmpty => FreeBytes == size;

    /// <summary>Takes <paramref name="bytes"/> from the first piece that has them.</summary>
    public bool TryTake(ulong bytes, out ulong offset)
    {
        for (int i = 0; i < free.Count; i++)
        {
            (offset, ulong piece) = free[i];
            if (piece < bytes)
                continue;
            if (piece == bytes)
                free.RemoveAt(i);
            else
                free[i] = (offset + bytes, piece - bytes);
            return true;
        }

        offset = 0;
        return false;
    }

    /// <summary>Gives a range back that was taken.</summary>
    public void Return(ulong offset, ulong bytes)
    {
        int next = free.FindIndex(f => f.Offset > offset);
        if (next < 0)
            next = free.Count;
        bool joinsPrevious = next > 0 && free[next - 1].Offset + free[next - 1].Size == offset;
        bool joinsNext = next < free.Count && offset + bytes == free[next].Offset;
        bool overlaps = (next > 0 && free[next - 1].Offset + free[next - 1].Size > offset) || (next < free.Count && offset + bytes > free[next].Offset);
        if (overlaps || offset + bytes > size)
            throw new InvalidOperationException($"bytes {offset}..{offset + bytes} are returned, but some of them are free already.");

        ulong begin = joinsPrevious ? free[next - 1].Offset : offset;
        ulong end = joinsNext ? free[next].Offset + free[next].Size : offset + bytes;
        if (joinsNext)
            free.RemoveAt(next);
        if (joinsPrevious)
            free[next - 1] = (begin, end - begin);
        else
            free.Insert(next, (begin, end - begin));
    }
}
