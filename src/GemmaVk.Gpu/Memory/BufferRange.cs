using System;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace GemmaVk.Gpu.Memory;

/// <summary>Part of a Vulkan buffer, as a descriptor binds it. Offset and size in bytes.</summary>
internal readonly record struct BufferRange(Buffer Buffer, ulong Offset, ulong Size)
{
    /// <summary>Part of this range. Bindings need offsets that are multiples of <see cref="DeviceHeap.Alignment"/>.</summary>
    public BufferRange Slice(long offset, long size)
    {
        if (offset < 0 || size < 0 || (ulong)offset + (ulong)size > Size)
            throw new ArgumentOutOfRangeException(nameof(offset), $"bytes {offset}..{offset + size} of a range of {Size}");
        return new BufferRange(Buffer, Offset + (ulong)offset, (ulong)size);
    }
}
