using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/mat_mul.comp: many tiles of rows.</summary>
internal sealed class MatMulGpu(KernelSettings settings) : MatRows<MatMul.Args>(settings, nameof(MatMul), "mat_mul")
{
    public override void Record(CommandRecorder recorder, in MatMul.Args args) =>
        Record(recorder, args.X, args.W, args.Y, args.T, first: 0, Settings.MaxCols);
}
