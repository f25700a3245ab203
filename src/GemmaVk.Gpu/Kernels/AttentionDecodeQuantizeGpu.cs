using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_decode_quantize.comp: as <see cref="AttentionDecodeGpu"/>, with the rows that the next product takes.</summary>
internal sealed class AttentionDecodeQuantizeGpu(KernelSettings settings)
    : AttentionTiles<AttentionDecodeQuantize.Args>(
        settings,
        nameof(AttentionDecodeQuantize),
        "attention_decode_quantize",
        Access.ReadWrite,
        [Access.ReadWrite, Access.ReadWrite, Access.Write, Access.Write, Access.Write],
        ["EvenOdd"])
{
    public override void Record(CommandRecorder recorder, in AttentionDecodeQuantize.Args args)
    {
        AttentionDecode.Args attention = args.Attention;
        AttentionTile tile = AttentionSplits.Of(Settings, attention);
        long count = (long)(attention.First + attention.T) * attention.H * attention.W;
        (BufferRange data, BufferRange scale, BufferRange sum) = Int8Rows(args.Rows, count);
        _ = Record(recorder, attention, tile, [EvenOdd(args.ForFormat)], [Range(attention.Out, count), Settings.Counters, data, scale, sum]);
    }
}
