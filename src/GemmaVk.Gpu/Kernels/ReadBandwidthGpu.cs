using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/read_bandwidth.comp: the yardstick that kernels are measured by.</summary>
internal sealed class ReadBandwidthGpu(KernelSettings settings) : GpuKernel<ReadBandwidthGpu.Args, ReadBandwidthGpu.Push>(settings)
{
    /// <summary>Workgroups of a run.</summary>
    public const int Workgroups = 2048;

    internal readonly record struct Args(BufferRange Source, BufferRange Sink);

    internal readonly record struct Push(uint Vectors);

    public override KernelInterface Interface { get; } = new(
        "ReadBandwidth", ["read_bandwidth"], [Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    /// <summary>Bytes of the sink.</summary>
    public const long SinkBytes = sizeof(uint) * Workgroups * KernelSettings.UsualLocalSize;

    public override void Record(CommandRecorder recorder, in Args args) =>
        DispatchFlat(
            recorder, "read_bandwidth", [Settings.LocalSize], [args.Source, args.Sink], new Push((uint)(args.Source.Size / 16)), Workgroups);
}
