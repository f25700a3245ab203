using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Model;

// Letters: H query heads, K KV heads, W head width.

/// <summary>
/// One decoder layer in numbers. Rotation pair i of a head joins elements i and i + W/2; its frequency is
/// <see cref="RopeTheta"/>^(-2i / <see cref="RopeDenominator"/>) for i below <see cref="RotatedPairs"/> and zero after that.
/// </summary>
/// <param name="Index">Layer number, from 0.</param>
/// <param name="Kind">Sliding or full.</param>
/// <param name="NumAttentionHeads">H.</param>
/// <param name="NumKeyValueHeads">K.</param>
/// <param name="HeadDim">W.</param>
/// <param name="SlidingWindow">Keys a query sees, itself included; 0 for all earlier ones.</param>
/// <param name="RopeTheta">Base of the frequencies.</param>
/// <param name="RotatedPairs">Pairs that turn at all (n_rot): W/2 in sliding layers, floor(factor * W / 2) in full ones.</param>
/// <param name="RopeDenominator">Denominator of the exponent: the whole head width in both kinds, rotated or not.</param>
/// <param name="HasValueProjection">False where V is the K projection before its norm and rotation.</param>
public sealed record LayerPlan(
    int Index,
    LayerKind Kind,
    int NumAttentionHeads,
    int NumKeyValueHeads,
    int HeadDim,
    int SlidingWindow,
    double RopeTheta,
    int RotatedPairs,
    int RopeDenominator,
    bool HasValueProjection)
{
    /// <summary>Rows of q_proj and columns of o_proj: H * W.</summary>
    public int QueryWidth => NumAttentionHeads * HeadDim;

    /// <summary>Rows of k_proj and v_proj: K * W.</summary>
    public int KeyValueWidth => NumKeyValueHeads * HeadDim;

    /// <summary>The plans of all layers, first to last.</summary>
    public static IReadOnlyList<LayerPlan> For(Gemma4TextConfig config) =>
        [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => For(config, i))];

    private static LayerPlan For(Gemma4TextConfig config, int index)
    {
        if (config.LayerTypes[index] == LayerKind.Sliding)
        {
            return new LayerPlan(
                index, LayerKind.Sliding, config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim, config.SlidingWindow,
                config.SlidingRopeTheta, config.HeadDim / 2, config.HeadDim, true);
        }

        // The smaller number of KV heads belongs to layers whose V is their K.
        return new LayerPlan(
            index, LayerKind.Full, config.NumAttentionHeads, config.AttentionKEqV ? config.NumGlobalKeyValueHeads : config.NumKeyValueHeads,
            config.GlobalHeadDim, 0, config.FullRopeTheta, (int)(config.PartialRotaryFactor * config.GlobalHeadDim / 2), config.GlobalHeadDim,
            !config.AttentionKEqV);
    }
}
