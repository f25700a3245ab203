using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_prefill.comp: tiles of eight consecutive rows of one head, or of more on matrix units.</summary>
internal sealed class AttentionPrefillGpu(KernelSettings settings)
    : AttentionTiles<AttentionPrefill.Args>(settings, nameof(AttentionPrefill), "attention_prefill", Access.Write, [], [])
{
    private const uint Queries = 8;
    private const int UsualWidth = 256;

    private readonly AttentionPrefillJoinGpu join = new(settings);
    private readonly AttentionPrefillMatrixGpu matrix = new(settings);

    /// <summary>The stage that joins parts.</summary>
    public IGpuKernel Join => join;

    /// <summary>The form on matrix units.</summary>
    public IGpuKernel Matrix => matrix;

    /// <summary>Caches of F16 and Q8 go through matrix units.</summary>
    public bool InHalves => matrix.Tile(DType.F16, UsualWidth) is not null;

    public override KernelVariant Variant => InHalves ? matrix.Variant : base.Variant;

    public override void Record(CommandRecorder recorder, in AttentionPrefill.Args args)
    {
        AttentionDecode.Args same = new(args.Q, args.Cache, args.Positions, args.Reach, args.Out, args.T, args.H, args.K, args.W, args.Window);
        (string module, uint queries, uint[] constants) = matrix.Tile(args.Cache.Format, args.W) is { } blocks
            ? (AttentionPrefillMatrixGpu.Module(args.Cache), blocks.Queries, blocks.Constants((uint)Settings.Device.Features.SubgroupSize))
            : (Module(args.Cache), Queries, [Queries, Settings.Software ? 4u : 2u]);
        AttentionTile tile = new(constants, Splits: 1, X: 1, Y: args.H, Z: (args.T + queries - 1) / queries);
        (uint parts, BufferRange result) = Record(recorder, same, module, tile, [], []);
        if (parts > 1)
            join.Record(recorder, new AttentionPrefillJoinGpu.Args(result, Range(args.Out, (long)args.T * args.H * args.W), First: 0, args.T * args.H, args.W, parts));
    }
}
