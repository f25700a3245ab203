using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>ILGPU twin of <see cref="MatVecGeGlu"/>: the launches of its parts.</summary>
internal sealed class MatVecGeGluIlgpu(IlgpuKernels kernels)
{
    public void Record(LaunchList launches, in MatVecGeGlu.Args args)
    {
        kernels.MatVec.Record(launches, new(args.X, args.Gate, args.GateRows, args.T));
        kernels.MatVec.Record(launches, new(args.X, args.Up, args.UpRows, args.T));
        BufferHandle gated = args.Y.Quantised ? args.GateRows : args.Y.Data;
        kernels.GeGlu.Record(launches, new(args.GateRows, args.UpRows, gated, args.T, args.Gate.N));
        if (args.Y.Quantised)
        {
            kernels.QuantizeRows.Record(launches, new(gated, args.Y, args.ForFormat, args.T, args.Gate.N));
        }
    }
}
