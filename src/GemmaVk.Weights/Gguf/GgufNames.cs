using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Model;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// What GGUF calls the tensors, in one place: its names on one side, those of the released checkpoint (<see cref="TensorNames"/>) on the other.
/// Source: tensor_mapping.py of llama.cpp's gguf-py.
/// </summary>
internal static class GgufNames
{
    /// <summary>How far full layers rotate, as a divisor per pair: part of the configuration, not a weight.</summary>
    public const string RopeFreqs = "rope_freqs.weight";

    /// <summary>The embedding.</summary>
    public const string TokenEmbd = "token_embd.weight";

    /// <summary>The patch projection, whose columns are in another order (<see cref="PatchOrder"/>).</summary>
    public const string PatchEmbd = "v.patch_embd.weight";

    private const string Block = "blk.";

    private static readonly Dictionary<string, LayerTensor> Layers = new()
    {
        ["attn_norm.weight"] = LayerTensor.InputLayernorm,
        ["post_attention_norm.weight"] = LayerTensor.PostAttentionLayernorm,
        ["ffn_norm.weight"] = LayerTensor.PreFeedforwardLayernorm,
        ["post_ffw_norm.weight"] = LayerTensor.PostFeedforwardLayernorm,
        ["layer_output_scale.weight"] = LayerTensor.LayerScalar,
        ["attn_q_norm.weight"] = LayerTensor.QNorm,
        ["attn_k_norm.weight"] = LayerTensor.KNorm,
        ["attn_q.weight"] = LayerTensor.QProj,
        ["attn_k.weight"] = LayerTensor.KProj,
        ["attn_v.weight"] = LayerTensor.VProj,
        ["attn_output.weight"] = LayerTensor.OProj,
        ["ffn_gate.weight"] = LayerTensor.GateProj,
        ["ffn_up.weight"] = LayerTensor.UpProj,
        ["ffn_down.weight"] = LayerTensor.DownProj,
    };

    private static readonly Dictionary<string, string> Target = new()
    {
        [TokenEmbd] = TensorNames.EmbedTokens,
        ["output_norm.weight"] = TensorNames.FinalNorm,
        ["output.weight"] = TensorNames.LmHead,
    };

    private static readonly Dictionary<string, string> Drafter = new()
    {
        [TokenEmbd] = TensorNames.DrafterEmbedTokens,
        ["output_norm.weight"] = TensorNames.DrafterFinalNorm,
        ["output.weight"] = TensorNames.LmHead,
        ["nextn.pre_projection.weight"] = TensorNames.PreProjection,
        ["nextn.post_projection.weight"] = TensorNames.PostProjection,
    };

    private static readonly Dictionary<string, string> Projector = new()
    {
        ["v.patch_norm.1.weight"] = TensorNames.PatchNorm1Weight,
        ["v.patch_norm.1.bias"] = TensorNames.PatchNorm1Bias,
        [PatchEmbd] = TensorNames.PatchDenseWeight,
        ["v.patch_embd.bias"] = TensorNames.PatchDenseBias,
        ["v.patch_norm.2.weight"] = TensorNames.PatchNorm2Weight,
        ["v.patch_norm.2.bias"] = TensorNames.PatchNorm2Bias,
        ["v.position_embd.weight"] = TensorNames.PosEmbedding,
        ["v.patch_norm.3.weight"] = TensorNames.PosNormWeight,
        ["v.patch_norm.3.bias"] = TensorNames.PosNormBias,
        ["mm.input_projection.weight"] = TensorNames.EmbedVision,
        ["mm.a.input_projection.weight"] = TensorNames.EmbedAudio,
    };

    /// <summary>The released name of a target's tensor, or null for one that has none.</summary>
    public static string? OfTarget(string name) => Target.GetValueOrDefault(name) ?? (Layer(name) is var (index, tensor) ? TensorNames.Layer(index, tensor) : null);

    /// <summary>The released name of a drafter's tensor, or null for one that has none.</summary>
    public static string? OfDrafter(string name) => Drafter.GetValueOrDefault(name) ?? (Layer(name) is var (index, tensor) ? TensorNames.DrafterLayer(index, tensor) : null);

    /// <summary>The released name of a projector's tensor, or null for one that has none.</summary>
    public static string? OfProjector(string name) => Projector.GetValueOrDefault(name);

    /// <summary>GGUF's name of a released one: the way back.</summary>
    public static string Back(string released, bool isDrafter)
    {
        foreach (Dictionary<string, string> names in isDrafter ? (Dictionary<string, string>[])[Drafter] : [Target, Projector])
        {
            if (names.FirstOrDefault(pair => pair.Value == released).Key is { } name)
            {
                return name;
            }
        }

        const string Marker = "layers.";
        int at = released.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length, dot = released.IndexOf('.', at);
        if (at >= Marker.Length && dot > at && int.TryParse(released.AsSpan(at, dot - at), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            foreach ((string name, LayerTensor tensor) in Layers)
            {
                if ((isDrafter ? TensorNames.DrafterLayer(index, tensor) : TensorNames.Layer(index, tensor)) == released)
                {
                    return $"{Block}{released.AsSpan(at, dot - at)}.{name}";
                }
            }
        }

        throw new ArgumentException($"{released} has no name in GGUF", nameof(released));
    }

    /// <summary>GGUF's name of a tensor of layer <paramref name="index"/>.</summary>
    public static string Of(int index, LayerTensor tensor) =>
        string.Create(CultureInfo.InvariantCulture, $"{Block}{index}.{Layers.First(pair => pair.Value == tensor).Key}");

    /// <summary>Whether a released name belongs to the media projector, which is a file of its own.</summary>
    public static bool IsProjector(string released) => Projector.ContainsValue(released);

    private static (int Index, LayerTensor Tensor)? Layer(string name)
    {
        int dot = name.StartsWith(Block, StringComparison.Ordinal) ? name.IndexOf('.', Block.Length) : -1;
        return dot > 0 && int.TryParse(name.AsSpan(Block.Length, dot - Block.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && Layers.TryGetValue(name[(dot + 1)..], out LayerTensor tensor) ? (index, tensor) : null;
    }
}
