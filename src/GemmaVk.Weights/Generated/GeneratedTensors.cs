using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Model;

namespace GemmaVk.Weights.Generated;

/// <summary>Which rule makes each tensor of a generated checkpoint, by the released names alone.</summary>
internal static class GeneratedTensors
{
    /// <summary>The tensors of a target: quantised linears, everything else BF16, a tied head.</summary>
    public static IReadOnlyList<GeneratedTensor> For(Gemma4Config config)
    {
        List<GeneratedTensor> tensors = [];
        foreach (TensorSpec spec in TensorTable.For(config).Where(spec => spec.Required))
        {
            if (spec.Role != TensorRole.Linear)
            {
                tensors.Add(new GeneratedTensor(spec.Name, Extents(spec), TargetRule(spec.Name, config)));
                continue;
            }

            string stem = spec.Name[..^".weight".Length];
            long rows = spec.Shape[0], columns = spec.Shape[1];
            tensors.Add(new GeneratedTensor($"{stem}.weight_packed", [rows, columns / 8], new PackedWords()));
            tensors.Add(new GeneratedTensor($"{stem}.weight_scale", [rows, columns / 32], LinearValues.Scale(stem.EndsWith("down_proj", StringComparison.Ordinal) ? -10 : -8)));
            tensors.Add(new GeneratedTensor($"{stem}.weight_shape", [2], new RecordedShape(rows, columns)));
        }

        return tensors;
    }

    /// <summary>The tensors of a drafter: all BF16.</summary>
    public static IReadOnlyList<GeneratedTensor> For(DrafterConfig config) =>
        [.. TensorTable.For(config).Where(spec => spec.Required).Select(spec => new GeneratedTensor(spec.Name, Extents(spec), DrafterRule(spec)))];

    private static GeneratedRule TargetRule(string name, Gemma4Config config) => name switch
    {
        TensorNames.EmbedTokens => LinearValues.Odd(-10),
        TensorNames.EmbedVision => LinearValues.Odd(-10),
        TensorNames.EmbedAudio => LinearValues.Odd(-9),
        TensorNames.PatchDenseWeight => LinearValues.Odd(-12),
        TensorNames.PosEmbedding => LinearValues.Odd(-7),
        TensorNames.FinalNorm => LinearValues.Norm(0, hasSigns: true),
        _ when name.EndsWith(".bias", StringComparison.Ordinal) => LinearValues.Odd(-9),
        _ when name.EndsWith("k_norm.weight", StringComparison.Ordinal) => LinearValues.Norm(IsFullLayer(name, config) ? -3 : -2),
        _ => NormRule(name),
    };

    private static GeneratedRule DrafterRule(TensorSpec spec) => spec.Name switch
    {
        TensorNames.DrafterEmbedTokens => LinearValues.Odd(-9),
        TensorNames.DrafterFinalNorm => LinearValues.Norm(0, hasSigns: true),
        _ when spec.Role == TensorRole.Linear =>
            new NibbleValues(spec.Name == TensorNames.PreProjection || spec.Name.EndsWith("down_proj.weight", StringComparison.Ordinal) ? -8 : -7),
        _ => NormRule(spec.Name),
    };

    private static GeneratedRule NormRule(string name) =>
        name.EndsWith("layer_scalar", StringComparison.Ordinal) ? LinearValues.LayerScalar()
        : name.EndsWith("q_norm.weight", StringComparison.Ordinal) || name.EndsWith("post_attention_layernorm.weight", StringComparison.Ordinal) ? LinearValues.Norm(-1)
        : LinearValues.Norm(0);

    private static bool IsFullLayer(string name, Gemma4Config config) => Enumerable.Range(0, config.NumHiddenLayers)
        .Any(i => config.LayerTypes[i] == LayerKind.Full && name == TensorNames.Layer(i, LayerTensor.KNorm));

    private static IReadOnlyList<long> Extents(TensorSpec spec) => [.. Enumerable.Range(0, spec.Shape.Rank).Select(axis => spec.Shape[axis])];
}
