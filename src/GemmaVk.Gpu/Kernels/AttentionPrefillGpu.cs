using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_prefill.comp: tiles of eight consecutive rows of one head, or of more.</summary>
internal sealed class AttentionPrefillGpu(KernelSettings settings)
    : AttentionTiles<AttentionPrefill.Args>(settings, nameof(AttentionPrefill), Prefix, Access.Write, [], [])
{
    private const string Prefix = "attention_prefill";
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

    /// <summary>Caches and heads that share a form.</summary>
    public static string Heads(DType format, bool valuesOnly, int G, int W) => CacheShape.Heads(Prefix, format, valuesOnly, G, W);

    /// <summary>The form where nothing was measured.</summary>
    public AttentionForm Usual(DType format, int W) =>
        matrix.Tile(format, W) is { } tile ? tile.Form : new AttentionForm(Matrix: false, Queries, Settings.Software ? 4u : 2u);

    /// <summary>The forms to measure beside the usual one, which differ from it in one number; none where the user has asked for one.</summary>
    public AttentionForm[] Others(DType format, int W)
    {
        AttentionForm usual = Usual(format, W);
        if (usual.Matrix && Settings.Device.Options.Attention is not null)
            return [];
        AttentionForm[] all = usual.Matrix
            ?
            [
                .. from rows in (uint[])[16, 32, 64] select usual with { Queries = rows },
                .. from keys in (uint[])[32, 64] select usual with { Keys = keys },
                .. from subgroups in (uint[])[4, 8] select usual with { Subgroups = subgroups },
                new AttentionForm(Matrix: false, Queries, 2),
            ]
            // Software drivers compile for a second each.
            : [.. from rows in (uint[])[Queries, 2 * Queries] from keys in Settings.Software ? (uint[])[2, 4] : [1, 2, 4] select new AttentionForm(Matrix: false, rows, keys)];
        return [.. all.Where(form => form != usual && IsLegal(form, format, W))];
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Which form runs depends on the cache and the heads alone, never on T or on positions: a row's bits must not depend on the rows beside it. What the user
    /// asks for goes before what was measured.
    /// </remarks>
    public override void Record(CommandRecorder recorder, in AttentionPrefill.Args args)
    {
        AttentionDecode.Args same = new(args.Q, args.Cache, args.Positions, args.Reach, args.Out, args.T, args.H, args.K, args.W, args.Window);
        DType format = args.Cache.Format;
        MatrixAttentionTile? blocks = matrix.Tile(format, args.W);
        AttentionForm form = Usual(format, args.W);
        if (!(form.Matrix && Settings.Device.Options.Attention is not null)
            && Settings.Tuning.Of(Heads(format, args.Cache.Keys is null, args.H / args.K, args.W)) is { } measured && IsLegal(measured, format, args.W))
        {
            (form, blocks) = (measured, measured.Matrix ? matrix.Tile(format, args.W, measured) : null);
        }

        (string module, uint[] constants) = blocks is not null
            ? (AttentionPrefillMatrixGpu.Module(args.Cache), blocks.Constants((uint)Settings.Device.Features.SubgroupSize))
            : (Module(args.Cache), [form.Queries, form.Keys]);
        AttentionTile tile = new(constants, Splits: 1, X: 1, Y: args.H, Z: (args.T + form.Queries - 1) / form.Queries);
        (uint parts, BufferRange result) = Record(recorder, same, module, tile, [], []);
        if (parts > 1)
            join.Record(recorder, new AttentionPrefillJoinGpu.Args(result, Range(args.Out, (long)args.T * args.H * args.W), First: 0, args.T * args.H, args.W, parts));
    }

    private bool IsLegal(AttentionForm form, DType format, int W) => form.Matrix
        ? matrix.Tile(format, W, form) is not null
        : form is { Queries: Queries or 2 * Queries, Keys: 1 or 2 or 4, Groups: 0 };
}
