using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>ILGPU twin of <see cref="MatMul"/>: <see cref="MatVecIlgpu"/> over blocks of eight rows; groups beside each other read the same weights.</summary>
internal sealed class MatMulIlgpu(KernelLoader loader)
{
    private readonly Products _products = new(loader, nameof(MatMul));

    public void Record(LaunchList launches, in MatMul.Args args) => _products.Record(launches, args.X, args.W, args.Y, args.T, first: 0);
}
