using System;
using GemmaVk.Gpu.Commands;

namespace GemmaVk.Gpu.Memory;

/// <summary>
/// Copies between host memory and device memory that the host cannot see, through host-visible slots: while the device
/// copies one slot, the host fills or empties the next. Slots are allocated at first use.
/// </summary>
internal sealed unsafe class StagingRing(GpuDevice device) : IDisposable
{
    /// <summary>Bytes per slot: large enough to keep a bus busy, small enough to be no burden.</summary>
    public const int SlotBytes = 8 << 20;

    private const int SlotCount = 3;

    /// <summary>Bytes of all slots.</summary>
    public const long Bytes = SlotBytes * (long)SlotCount;

    private readonly Slot[] slots = new Slot[SlotCount];
    private int next;

    /// <summary>
    /// Copies host bytes to a range, from byte <paramref name="offset"/> of it on. Returns when the bytes may be reused; the
    /// last slots may still be on their way, before whatever is submitted next.
    /// </summary>
    public void Upload(ReadOnlySpan<byte> source, BufferRange destination, long offset)
    {
        for (int done = 0; done < source.Length; done += SlotBytes)
        {
            int count = Math.Min(SlotBytes, source.Length - done);
            Slot slot = Take();
            source.Slice(done, count).CopyTo(new Span<byte>(slot.Memory.Mapped, count));
            Start(slot, "upload", slot.Range.Slice(0, count), destination.Slice(offset + done, count));
        }
    }

    /// <summary>Copies a range's bytes from <paramref name="offset"/> on to host memory.</summary>
    public void Download(BufferRange source, long offset, Span<byte> destination)
    {
        int chunks = (destination.Length + SlotBytes - 1) / SlotBytes;
        Slot[] started = new Slot[chunks];
        // One slot ahead: the device copies chunk i + 1 while the host empties chunk i.
        for (int i = 0; i <= chunks; i++)
        {
            if (i < chunks)
            {
                started[i] = Take();
                int count = Math.Min(SlotBytes, destination.Length - (i * SlotBytes));
                Start(started[i], "download", source.Slice(offset + ((long)i * SlotBytes), count), started[i].Range.Slice(0, count));
            }

            if (i > 0)
            {
                Span<byte> part = destination[((i - 1) * SlotBytes)..];
                part = part[..Math.Min(SlotBytes, part.Length)];
                Finish(started[i - 1]);
                new ReadOnlySpan<byte>(started[i - 1].Memory.Mapped, part.Length).CopyTo(part);
            }
        }
    }

    public void Dispose()
    {
        foreach (Slot? slot in slots)
        {
            slot?.Copy?.Dispose();
            slot?.Memory.Dispose();
        }
    }

    private Slot Take()
    {
        ref Slot? slot = ref slots[next]!;
        next = (next + 1) % SlotCount;
        if (slot is null)
        {
            slot = new Slot(device.Heap.Allocate("staging", SlotBytes, MemoryKind.Host));
            device.Ledger.Take("staging", SlotBytes);
        }

        Finish(slot);
        return slot;
    }

    private void Start(Slot slot, string name, BufferRange source, BufferRange destination)
    {
        using CommandRecorder recorder = new(device, name);
        recorder.Copy(source, destination);
        slot.Copy = recorder.Finish();
        slot.Copy.Submit();
    }

    private static void Finish(Slot slot)
    {
        slot.Copy?.Wait();
        slot.Copy?.Dispose();
        slot.Copy = null;
    }

    private sealed class Slot(HeapRange memory)
    {
        public HeapRange Memory { get; } = memory;

        public BufferRange Range { get; } = new(memory.Block.Buffer, memory.Offset, SlotBytes);

        public Recording? Copy { get; set; }
    }
}
