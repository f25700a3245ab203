using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Formats;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>Sums a large buffer, to know what the device's memory can give. A block is a group's.</summary>
internal sealed class ReadBandwidthIlgpu(KernelLoader loader)
{
    private const int Block = 1 << 16;
    private const int Tries = 4;
    private const long LeastBytes = 1 << 20;

    private readonly IlgpuKernel<Call> _kernel = loader.Rows<Call>("ReadBandwidth", Run<OneLane>);

    /// <summary>Bytes that are read: more than caches hold, and no more than the CPU accelerator reads in a moment.</summary>
    public static long BytesFor(bool gpu) => gpu ? 512L << 20 : 64L << 20;

    /// <summary>Bytes of the sums.</summary>
    public static long SinkBytes(bool gpu) => BytesFor(gpu) / Block * sizeof(float);

    /// <summary>Best bytes per second of a few passes over buffers that are there, or else over one of its own.</summary>
    /// <returns>0 where the buffers are too small to say anything.</returns>
    public double Measure(IBackend backend, bool gpu, IReadOnlyList<BufferHandle>? over)
    {
        using BufferHandle sink = backend.Allocate("bandwidth sink", DType.F32, new Shape(SinkBytes(gpu) / sizeof(float)));
        if (over is { Count: > 0 })
        {
            return Measure(backend, sink, over, BytesFor(gpu));
        }

        long blocks = Math.Max(1, Math.Min(BytesFor(gpu), backend.Memory.AvailableBytes / 4) / Block);
        using BufferHandle source = backend.Allocate("bandwidth source", DType.F32, new Shape(blocks * Block / sizeof(float)));
        byte[] ones = new byte[Block];
        ones.AsSpan().Fill(1);
        for (long block = 0; block < blocks; block++)
        {
            // Untouched memory may be one shared page of zeros.
            backend.Write<byte>(source, ones, block * (Block / sizeof(float)));
        }

        return Measure(backend, sink, [source], blocks * Block);
    }

    // The first pass, which compiles, does not count.
    private double Measure(IBackend backend, BufferHandle sink, IReadOnlyList<BufferHandle> sources, long most)
    {
        using LaunchList launches = new("bandwidth");
        long bytes = 0;
        foreach (BufferHandle source in sources)
        {
            long blocks = Math.Min(source.Bytes, most - bytes) / Block;
            _kernel.Add(launches, blocks, new Call { Source = IlgpuBuffer.Of<Eight>(source, source.DType, 0), Sink = IlgpuBuffer.Of<float>(sink, DType.F32, blocks), Blocks = blocks });
            bytes += blocks * Block;
        }

        float[] one = new float[1];
        double best = 0;
        for (int i = 0; i <= Tries && bytes >= LeastBytes; i++)
        {
            long start = Stopwatch.GetTimestamp();
            backend.Run(launches);
            backend.Read<float>(sink, one);
            best = i == 0 ? 0 : Math.Max(best, bytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes>(Call call)
        where TLanes : struct, ILanes
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(KernelLoader.MostLanes);
        Share blocks = new(call.Blocks);
        for (long block = blocks.From; block < blocks.To; block++)
        {
            float sum = 0;
            for (int i = TLanes.Index; i < Block / 32; i += TLanes.Count)
            {
                sum += call.Source[(block * (Block / 32)) + i].Dot(1, 1, 1, 1, 1, 1, 1, 1);
            }

            call.Sink[block] = TLanes.Sum(sum, shared);
        }
    }

    internal struct Call
    {
        public ArrayView<Eight> Source;
        public ArrayView<float> Sink;
        public long Blocks;
    }
}
