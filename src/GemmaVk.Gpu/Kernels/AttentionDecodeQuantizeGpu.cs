using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_decode_quantize.comp: as <see cref="AttentionDecodeGpu"/>, with the rows that the next product takes.</summary>
internal sealed class AttentionDecodeQuantizeGpu(KernelSettings settings)
    : AttentionTiles<AttentionDecodeQuantize.Args>(settings, nameof(AttentionDecodeQuantize), Prefix, Access.ReadWrite, More, Constants)
{
    private const string Prefix = "attention_decode_quantize";

    private static readonly Access[] More = [Access.ReadWrite, Access.ReadWrite, Access.Write, Access.Write, Access.Write];
    private static readonly string[] Constants = ["EvenOdd"];

    private readonly AttentionDecodeMatrixGpu matrix = new(settings, nameof(AttentionDecodeQuantize), Prefix, More, Constants);
    private AttentionDecodeForms? forms;

    /// <summary>The form on matrix units.</summary>
    public IGpuKernel Matrix => matrix;

    public override KernelVariant Variant => matrix.Runs ? matrix.Variant : base.Variant;

    public override void Record(CommandRecorder recorder, in AttentionDecodeQuantize.Args args)
    {
        AttentionDecode.Args attention = args.Attention;
        long count = (long)(attention.First + attention.T) * attention.H * attention.W;
        (BufferRange data, BufferRange scale, BufferRange sum) = Int8Rows(args.Rows, count);
        Record(recorder, attention, forms ??= new(Settings, matrix), matrix, [EvenOdd(args.ForFormat)], [Range(attention.Out, count), Settings.Counters, data, scale, sum]);
    }
}
