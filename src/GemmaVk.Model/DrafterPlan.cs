using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>
/// A drafter beside its target: its layers, and for each of them the target layer whose KV it reads, which is the target's last
/// layer of the same kind (46 and 47 in the 12B).
/// </summary>
/// <param name="Layers">The drafter's layers.</param>
/// <param name="KvLayers">For each drafter layer the target layer that lends its KV.</param>
public sealed record DrafterPlan(IReadOnlyList<LayerPlan> Layers, IReadOnlyList<int> KvLayers)
{
    /// <summary>Pairs a drafter with a target.</summary>
    /// <exception cref="GemmaVkException">They were not made for each other.</exception>
    public static DrafterPlan For(DrafterConfig drafter, Gemma4Config target)
    {
        Require(drafter.BackboneHiddenSize == target.HiddenSize, drafter, target, "backbone_hidden_size", "hidden_size", drafter.BackboneHiddenSize, target.HiddenSize);
        Require(drafter.VocabSize == target.VocabSize, drafter, target, "vocab_size", "vocab_size", drafter.VocabSize, target.VocabSize);
        Require(drafter.SlidingWindow == target.SlidingWindow, drafter, target, "sliding_window", "sliding_window", drafter.SlidingWindow, target.SlidingWindow);
        IReadOnlyList<LayerPlan> lenders = LayerPlan.For(target);
        IReadOnlyList<LayerPlan> layers = LayerPlan.For(drafter);
        List<int> kvLayers = [];
        foreach (LayerPlan layer in layers)
        {
            LayerPlan lender = lenders.LastOrDefault(plan => plan.Kind == layer.Kind)
                ?? throw new GemmaVkException(
                    $"{drafter.File}: layer_types must name kinds that {target.File} has, but layer {layer.Index} is {layer.Kind}; use the assistant that was published with the target.");
            Require(layer.HeadDim == lender.HeadDim, drafter, target, "head_dim", "head_dim", layer.HeadDim, lender.HeadDim);
            Require(layer.NumKeyValueHeads == lender.NumKeyValueHeads, drafter, target, "num_key_value_heads", "num_key_value_heads", layer.NumKeyValueHeads, lender.NumKeyValueHeads);
            kvLayers.Add(lender.Index);
        }

        return new DrafterPlan(layers, kvLayers);
    }

    private static void Require(bool met, DrafterConfig drafter, Gemma4Config target, string key, string targetKey, int actual, int expected)
    {
        if (!met)
        {
            throw new GemmaVkException(
                $"{drafter.File}: {key} must be {targetKey} = {expected} of {target.File}, but is {actual}; use the assistant that was published with the target.");
        }
    }
}
