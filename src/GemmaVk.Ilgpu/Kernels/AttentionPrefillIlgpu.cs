using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>ILGPU twin of <see cref="AttentionPrefill"/>: <see cref="AttentionDecodeIlgpu"/> with any number of rows.</summary>
internal sealed class AttentionPrefillIlgpu(KernelLoader loader)
{
    private readonly Attention _attention = new(loader, nameof(AttentionPrefill));

    public void Record(LaunchList launches, in AttentionPrefill.Args args) => _attention.Record(
        launches, new AttentionDecode.Args(args.Q, args.Cache, args.Positions, args.Reach, args.Out, args.T, args.H, args.K, args.W, args.Window));
}
