using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu;

// What the device's memory gives: the yardstick beside an answer's figures.
public sealed partial class VulkanBackend
{
    private const long MostRead = 512L << 20;

    // Dispatches read one after the other; below this their starts cost more than the bytes.
    private const long LeastPart = 1 << 20;

    // Of what is free, a measurement that no plan holds takes a small part.
    private const int PartOfFree = 8;

    /// <inheritdoc/>
    public double MeasureReadBandwidth(IReadOnlyList<BufferHandle>? over = null)
    {
        using DeviceBuffer sink = DeviceBuffer.Allocate(device, "bandwidth sink", ReadBandwidthGpu.SinkBytes);
        if (over is { Count: > 0 })
            return Over(over, sink);
        long piece = DeviceBuffer.BindingLimit(device.Features.MaxStorageBufferRange, device.Heap.MaxAllocation, device.Options);
        long bytes = Math.Max(LeastPart, Math.Min(BandwidthBytes(piece), Memory.AvailableBytes / PartOfFree) & ~15L);
        using DeviceBuffer source = DeviceBuffer.Allocate(device, "bandwidth source", bytes);
        using (CommandRecorder fill = new(device, "bandwidth fill"))
        {
            // Untouched memory may be one shared page of zeros.
            fill.Fill(source.Range, 0x55aa55aa);
            using Recording filled = fill.Finish();
            filled.Submit();
            filled.Wait();
        }

        // A copy moves each byte twice. It is the better yardstick where a driver makes poor code of the reading kernel.
        long half = bytes / 2 & ~255L;
        using CommandRecorder copy = new(device, "bandwidth copy");
        copy.Copy(source.Range.Slice(0, half), source.Range.Slice(half, half));
        using Recording copied = copy.Finish();
        return Math.Max(bytes / Shortest([source.Range], sink.Range), 2 * half / Shortest(copied));
    }

    /// <summary>Bytes that measuring takes where one binding spans at most <paramref name="piece"/>.</summary>
    internal static long BandwidthBytes(long piece) => Math.Min(MostRead, piece) & ~15L;

    /// <summary>Over the largest of buffers that are there; 0 where none is large enough to say anything.</summary>
    private double Over(IReadOnlyList<BufferHandle> over, DeviceBuffer sink)
    {
        List<BufferRange> ranges = [];
        long bytes = 0;
        foreach (BufferChunk chunk in over.SelectMany(buffer => Own(buffer).Memory.Chunks).OrderByDescending(chunk => chunk.Bytes))
        {
            long part = Math.Min(MostRead - bytes, chunk.Bytes) & ~15L;
            if (part < LeastPart)
                break;
            ranges.Add(chunk.Range.Slice(0, part));
            bytes += part;
        }

        return bytes == 0 ? 0 : bytes / Shortest(ranges, sink.Range);
    }

    private double Shortest(List<BufferRange> sources, BufferRange sink)
    {
        using CommandRecorder read = new(device, "bandwidth", timed: true);
        foreach (BufferRange source in sources)
            kernels.ReadBandwidth.Record(read, new ReadBandwidthGpu.Args(source, sink));
        using Recording recording = read.Finish();
        return Shortest(recording);
    }

    /// <summary>Seconds of the best of a few runs; the first, which compiles the kernel on some drivers, does not count.</summary>
    private static double Shortest(Recording recording)
    {
        const int tries = 5;
        double best = double.PositiveInfinity;
        for (int i = 0; i <= tries; i++)
        {
            long start = Stopwatch.GetTimestamp();
            recording.Submit();
            recording.Wait();
            double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double seconds = recording.Times().Count > 0 ? recording.Times().Sum(each => each.Time.TotalSeconds) : wall;
            best = i == 0 ? best : Math.Min(best, seconds);
        }

        return best;
    }
}
