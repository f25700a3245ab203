using System;
using System.Buffers;

namespace GemmaVk.Weights.Gguf;

/// <summary>The beginning of a mapped file as memory, so that metadata is read where it lies; valid while the file is open.</summary>
internal sealed unsafe class MappedMemory(nint address, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new((void*)address, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)address + elementIndex);

    public override void Unpin()
    {
        // A mapping does not move.
    }

    protected override void Dispose(bool disposing)
    {
        // The file owns it.
    }
}
