using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_decode.comp: tiles of heads that share keys, blocks of keys shared by splits; or of rows too, on matrix units.</summary>
internal sealed class AttentionDecodeGpu(KernelSettings settings)
    : AttentionTiles<AttentionDecode.Args>(settings, nameof(AttentionDecode), Prefix, Access.ReadWrite, More, [])
{
    private const string Prefix = "attention_decode";

    private static readonly Access[] More = [Access.ReadWrite, Access.ReadWrite];

    private readonly AttentionDecodeMatrixGpu matrix = new(settings, nameof(AttentionDecode), Prefix, More, []);
    private AttentionDecodeForms? forms;

    /// <summary>The form on matrix units.</summary>
    public IGpuKernel Matrix => matrix;

    /// <summary>In which forms it runs, and the kernel that quantises too.</summary>
    public AttentionDecodeForms Forms => forms ??= new(Settings, matrix);

    public override KernelVariant Variant => matrix.Runs ? matrix.Variant : base.Variant;

    public override void Record(CommandRecorder recorder, in AttentionDecode.Args args) =>
        Record(recorder, args, Forms, matrix, [], [Range(args.Out, (long)(args.First + args.T) * args.H * args.W), Settings.Counters]);
}
