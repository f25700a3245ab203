using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width, R rows of the cache.

/// <summary>
/// In which form attention of few rows runs: the measured one, or the usual one. A form is one of a cache's format, of G and of W, and whether a device can
/// run it depends on the cache alone, never on T or on positions: a row's bits must not depend on the rows beside it. AttentionDecode and
/// AttentionDecodeQuantize share their forms, so that rows are the same whether or not they are quantised.
/// </summary>
/// <param name="settings">Choices for the device.</param>
/// <param name="matrix">The kernel's form on matrix units.</param>
internal sealed class AttentionDecodeForms(KernelSettings settings, AttentionDecodeMatrixGpu matrix)
{
    private const string Prefix = "attention_decode";

    // What a block of shaders/include/attention_queries.glsl has room for.
    private const uint MostBlock = 256;

    private static readonly uint[] AllKeysPerLane = [1, 2, 4];

    /// <summary>Caches and heads that share a form.</summary>
    public static string Heads(DType format, bool valuesOnly, int G, int W) => CacheShape.Heads(Prefix, format, valuesOnly, G, W);

    /// <summary>The form of a call, and its tile where matrix units do it.</summary>
    public (AttentionForm Form, MatrixDecodeTile? Tile) Of(in AttentionDecode.Args args)
    {
        AttentionForm form = settings.Tuning.Of(Heads(args.Cache.Format, args.Cache.Keys is null, args.H / args.K, args.W)) is { } measured && IsLegal(measured, args) ? measured : Usual(args);
        return (form, form.Matrix ? matrix.Tile(args, form) : null);
    }

    /// <summary>The form where nothing was measured.</summary>
    public AttentionForm Usual(in AttentionDecode.Args args) =>
        matrix.Tile(args) is { } tile ? AttentionSplits.Usual(tile) : AttentionSplits.Usual(settings, args.H / args.K);

    /// <summary>
    /// The forms to measure beside the usual one, which differ from it in one number, since compiling each takes longer than running it: where matrix units
    /// multiply, the usual one without them too.
    /// </summary>
    public AttentionForm[] Others(in AttentionDecode.Args args)
    {
        AttentionDecode.Args call = args;
        AttentionForm usual = Usual(args), plain = AttentionSplits.Usual(settings, args.H / args.K);
        return [.. (usual.Matrix ? [.. OnMatrices(usual), plain] : Plain(usual)).Where(form => form != usual && IsLegal(form, call)).Distinct()];
    }

    private static IEnumerable<AttentionForm> OnMatrices(AttentionForm usual) =>
    [
        .. from subgroups in (uint[])[2, 4, 8] select usual with { Subgroups = subgroups },
        .. from turn in (uint[])[usual.Turn / 2, usual.Turn * 2] select usual with { Turn = turn },
        .. from groups in (uint[])[usual.Groups / 2, usual.Groups * 2] select usual with { Groups = groups },
        .. from keys in (uint[])[16, 32] select usual with { Keys = keys },
    ];

    private IEnumerable<AttentionForm> Plain(AttentionForm usual) =>
    [
        .. from keys in AllKeysPerLane select usual with { Keys = keys },
        // Half of the heads, so twice the tiles: keys are read twice, but workgroups hold less. Software drivers compile for a second each.
        .. from keys in settings.Software ? (uint[])[usual.Keys] : AllKeysPerLane select usual with { Queries = usual.Queries / 2, Keys = keys },
        usual with { Groups = usual.Groups / 2 },
        // A GPU of few processors joins many parts for nothing.
        .. settings.Software ? (AttentionForm[])[] : [usual with { Groups = usual.Groups / 4 }],
    ];

    private bool IsLegal(AttentionForm form, in AttentionDecode.Args args)
    {
        if (form.Matrix)
            return matrix.Tile(args, form) is { } tile && AttentionSplits.Fit(form, args, args.H / tile.Heads, tile.TurnKeys);
        // A measured form may be from a table for other heads.
        return form.Queries > 0 && args.H / args.K % form.Queries == 0 && form.Groups > 0 && AttentionSplits.Block(form) <= MostBlock
            && AttentionSplits.Fit(form, args, args.H / form.Queries, AttentionSplits.Block(form), settings.Software);
    }
}
