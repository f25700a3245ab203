using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>ILGPU twin of <see cref="AttentionDecodeQuantize"/>: the launches of its two parts.</summary>
internal sealed class AttentionDecodeQuantizeIlgpu(IlgpuKernels kernels)
{
    public void Record(LaunchList launches, in AttentionDecodeQuantize.Args args)
    {
        AttentionDecode.Args attention = args.Attention;
        kernels.AttentionDecode.Record(launches, attention);
        kernels.QuantizeRows.Record(launches, new(attention.Out, args.Rows, args.ForFormat, attention.T, attention.H * attention.W), attention.First);
    }
}
