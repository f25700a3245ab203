using System;
using System.Collections.Generic;
using System.Globalization;

namespace GemmaVk.Cli.Comparing;

/// <summary>Where in a run an activation arises, so that the first difference is the first in the order of computation.</summary>
/// <param name="Phase">0 before the layers, 1 in them, 2 after; 3 for arrays of no run.</param>
/// <param name="Layer">Index of the layer.</param>
/// <param name="Step">Order within a layer or phase.</param>
internal readonly record struct StepPlace(int Phase, int Layer, int Step) : IComparable<StepPlace>
{
    private static readonly string[] Steps =
    [
        "attn_norm", "q_proj", "q_norm", "q_rope", "k_proj", "k_norm", "k_rope", "v_proj", "v", "attn_out", "o_proj", "post_attn_norm",
        "ff_norm_in", "ff_norm", "gate", "up", "gated", "down", "post_ff_norm", "out",
    ];

    private static readonly string[] After = ["final", "logits", "greedy_logits", "greedy"];

    /// <summary>The place of an array, of which <paramref name="part"/> is meant where it holds a row of layers.</summary>
    /// <param name="name">Name as in traces and golden files.</param>
    /// <param name="part">Layer whose input is meant, of <c>hidden</c>.</param>
    /// <param name="order">Place among other arrays, for names of no run.</param>
    public static StepPlace Of(string name, int part, int order)
    {
        if (name == "hidden")
        {
            // What goes into a layer comes before its first step.
            return new StepPlace(1, part, -1);
        }

        if (name == "soft")
        {
            return new StepPlace(0, 0, 0);
        }

        if (Array.IndexOf(After, name) is >= 0 and var after)
        {
            return new StepPlace(2, 0, after);
        }

        return LayerStep(name) is (int layer, string step) ? new StepPlace(1, layer, Array.IndexOf(Steps, step)) : new StepPlace(3, 0, order);
    }

    /// <summary>The place in words.</summary>
    /// <param name="name">Name as in traces and golden files.</param>
    /// <param name="part">Layer whose input is meant, of <c>hidden</c>.</param>
    /// <param name="kinds">What the layers are, such as sliding_attention, where it is known.</param>
    public static string InWords(string name, int part, IReadOnlyList<string> kinds)
    {
        string Layer(int layer) => layer < kinds.Count ? string.Create(CultureInfo.InvariantCulture, $"layer {layer} ({kinds[layer]})") : string.Create(CultureInfo.InvariantCulture, $"layer {layer}");
        return name switch
        {
            "hidden" when part == 0 => "the embedding, which goes into layer 0",
            "hidden" => $"what {Layer(part - 1)} makes of its input",
            "soft" => "the soft rows of pictures and sounds",
            "final" => "the norm after the last layer",
            "logits" => "the head",
            "greedy_logits" => "the logits of the greedy answer",
            "greedy" => "the ids of the greedy answer",
            _ => LayerStep(name) is (int layer, string step) ? $"{Layer(layer)}, step {step}" : "",
        };
    }

    /// <inheritdoc/>
    public int CompareTo(StepPlace other) => (Phase, Layer, Step).CompareTo((other.Phase, other.Layer, other.Step));

    /// <summary>Layer and step of <c>5.q_rope</c>, and of a cache's <c>k.5</c>, which is the step before attention.</summary>
    private static (int Layer, string Step)? LayerStep(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 1)
        {
            return null;
        }

        (string first, string second) = (name[..dot], name[(dot + 1)..]);
        return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) && Array.IndexOf(Steps, second) >= 0 ? (layer, second)
            : first is "k" or "v" && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out layer) ? (layer, first == "k" ? "k_rope" : "v")
            : null;
    }
}
