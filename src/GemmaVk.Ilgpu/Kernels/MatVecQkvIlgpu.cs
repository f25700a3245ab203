using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>ILGPU twin of <see cref="MatVecQkv"/>: the launches of a product for each matrix.</summary>
internal sealed class MatVecQkvIlgpu(IlgpuKernels kernels)
{
    public void Record(LaunchList launches, in MatVecQkv.Args args)
    {
        kernels.MatVec.Record(launches, new(args.X, args.Q, args.QRows, args.T));
        kernels.MatVec.Record(launches, new(args.X, args.K, args.KRows, args.T));
        if (args.V is not null)
        {
            kernels.MatVec.Record(launches, new(args.X, args.V, args.VRows, args.T));
        }
    }
}
