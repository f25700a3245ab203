using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/peak.comp: what the device's arithmetic gives, and what a dispatch costs.</summary>
internal sealed class PeakGpu(KernelSettings settings) : GpuKernel<PeakGpu.Args, PeakGpu.Push>(settings)
{
    /// <summary>Workgroups of a run that keeps every unit busy.</summary>
    public const int Workgroups = 1024;

    /// <summary>Bytes of the sink.</summary>
    public const long SinkBytes = sizeof(uint) * Workgroups * KernelSettings.UsualLocalSize;

    internal readonly record struct Args(string Module, BufferRange Sink, int Workgroups, uint Rounds);

    internal readonly record struct Push(uint Rounds);

    public override KernelInterface Interface { get; } = new(
        "Peak", ["peak_f32", "peak_f16", "peak_i8", "peak_dot4"], [Access.Write], ["LocalSize"], typeof(Push));

    /// <summary>Operations that an invocation does per round.</summary>
    public static double PerRound(string module) => module is "peak_f32" or "peak_f16" ? 128 : 64;

    /// <summary>Whether a module measures the device and is no kernel of a model.</summary>
    public static bool IsYardstick(string module) => module == "read_bandwidth" || module.StartsWith("peak_", StringComparison.Ordinal);

    public override void Record(CommandRecorder recorder, in Args args) =>
        DispatchFlat(recorder, args.Module, [Settings.LocalSize], [args.Sink], new Push(args.Rounds), args.Workgroups);
}
