using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Memory;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/peak_matrix.comp: what the device's matrix units give.</summary>
internal sealed class PeakMatrixGpu(KernelSettings settings) : GpuKernel<PeakMatrixGpu.Args, PeakMatrixGpu.Push>(settings)
{
    private const uint Subgroups = 2;

    // Products of a block that a subgroup does per round, each of two operations per element.
    private const double ProductsPerRound = 16;

    internal readonly record struct Args(string Module, MatrixShape Shape, BufferRange Sink, int Workgroups, uint Rounds);

    internal readonly record struct Push(uint Rounds);

    public override KernelInterface Interface { get; } = new(
        "PeakMatrix", ["peak_matrix_f16", "peak_matrix_i8"], [Access.Write], ["LocalSize", "BlockT", "BlockN", "BlockK"], typeof(Push));

    /// <summary>Operations that a workgroup does per round.</summary>
    public static double PerRound(MatrixShape shape) => Subgroups * ProductsPerRound * 2 * shape.T * shape.N * shape.K;

    public override void Record(CommandRecorder recorder, in Args args) => DispatchFlat(
        recorder,
        args.Module,
        [Subgroups * (uint)Settings.Device.Features.SubgroupSize, args.Shape.T, args.Shape.N, args.Shape.K],
        [args.Sink],
        new Push(args.Rounds),
        args.Workgroups);
}
