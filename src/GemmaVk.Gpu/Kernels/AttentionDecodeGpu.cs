using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_decode.comp: tiles of heads that share keys, blocks of keys shared by splits.</summary>
internal sealed class AttentionDecodeGpu(KernelSettings settings)
    : AttentionTiles<AttentionDecode.Args>(settings, nameof(AttentionDecode), "attention_decode", Access.ReadWrite, [Access.ReadWrite, Access.ReadWrite], [])
{
    public override void Record(CommandRecorder recorder, in AttentionDecode.Args args)
    {
        AttentionTile tile = AttentionSplits.Of(Settings, args);
        _ = Record(recorder, args, tile, [], [Range(args.Out, (long)(args.First + args.T) * args.H * args.W), Settings.Counters]);
    }
}
