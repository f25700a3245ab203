using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>ILGPU twin of <see cref="AddRmsNormQuantize"/>: the launches of its two parts.</summary>
internal sealed class AddRmsNormQuantizeIlgpu(IlgpuKernels kernels)
{
    public void Record(LaunchList launches, in AddRmsNormQuantize.Args args)
    {
        kernels.AddRmsNorm.Record(launches, args.Norm);
        kernels.QuantizeRows.Record(launches, new(args.Norm.A, args.Rows, args.ForFormat, args.Norm.T, args.Norm.D));
    }
}
