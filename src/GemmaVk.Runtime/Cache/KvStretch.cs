using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Cache;

// Letters: K KV heads, R rows of the cache (its capacity), W elements of a row.

/// <summary>
/// Neighbouring rows of one head in a buffer of a cache. What a buffer holds of positions first .. end - 1 is, head by head, one such
/// stretch, or two where the ring wraps between them; in that order they are [K, end - first, W] without gaps.
/// </summary>
/// <param name="Offset">Byte of the buffer where it begins.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct KvStretch(long Offset, int Bytes)
{
    private const long Most = 1 << 20;

    /// <summary>The stretches of a buffer [K, R, W], for no more than R positions.</summary>
    public static IEnumerable<KvStretch> Of(BufferHandle buffer, int first, int end)
    {
        (int K, int R) = ((int)buffer.Shape[0], (int)buffer.Shape[1]);
        long row = QuantBlocks.RowBytes(buffer.DType, buffer.Shape[2]);
        for (int k = 0; k < K; k++)
        {
            for (int position = first; position < end;)
            {
                int slot = position % R;
                int count = Math.Min(end - position, R - slot);
                // A piece at a time, so that what holds it on its way stays small.
                count = (int)Math.Min(count, Math.Max(1, Most / row));
                yield return new KvStretch((((long)k * R) + slot) * row, (int)(count * row));
                position += count;
            }
        }
    }

    /// <summary>A part of the stretch, of whole elements.</summary>
    /// <param name="from">Its first byte.</param>
    /// <param name="bytes">Its length.</param>
    public KvStretch Part(int from, int bytes) => new(Offset + from, bytes);

    /// <summary>Copies the stretch from the device.</summary>
    public void Read(IBackend backend, BufferHandle buffer, Span<byte> to)
    {
        Span<byte> bytes = to[..Bytes];
        switch (Width(buffer))
        {
            case 1:
                backend.Read(buffer, bytes, Offset);
                break;
            case 2:
                backend.Read(buffer, MemoryMarshal.Cast<byte, ushort>(bytes), Offset / 2);
                break;
            default:
                backend.Read(buffer, MemoryMarshal.Cast<byte, uint>(bytes), Offset / 4);
                break;
        }
    }

    /// <summary>Copies the stretch to the device.</summary>
    public void Write(IBackend backend, BufferHandle buffer, ReadOnlySpan<byte> from)
    {
        ReadOnlySpan<byte> bytes = from[..Bytes];
        switch (Width(buffer))
        {
            case 1:
                backend.Write(buffer, bytes, Offset);
                break;
            case 2:
                backend.Write(buffer, MemoryMarshal.Cast<byte, ushort>(bytes), Offset / 2);
                break;
            default:
                backend.Write(buffer, MemoryMarshal.Cast<byte, uint>(bytes), Offset / 4);
                break;
        }
    }

    /// <summary>Bytes of an element: places in a buffer are counted in its own elements.</summary>
    private static long Width(BufferHandle buffer) => QuantBlocks.RowBytes(buffer.DType, 1);
}
