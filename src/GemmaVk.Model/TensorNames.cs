using System.Collections.Generic;
using System.Globalization;

namespace GemmaVk.Model;

/// <summary>
/// Names of the tensors as the released 12B has them on disk, and the other spellings that are accepted. The running model of the
/// published implementation names its modules differently from the file; re-uploads use one, the other or a shorter prefix.
/// </summary>
public static class TensorNames
{
    /// <summary>Token embedding and, being tied, the head: [V, D].</summary>
    public const string EmbedTokens = "model.language_model.embed_tokens.weight";

    /// <summary>Final RMS norm: [D].</summary>
    public const string FinalNorm = "model.language_model.norm.weight";

    /// <summary>Optional second copy of the embedding in quantised releases; never loaded.</summary>
    public const string LmHead = "lm_head.weight";

    /// <summary>LayerNorm of the raw patch: weight.</summary>
    public const string PatchNorm1Weight = "model.vision_embedder.patch_ln1.weight";

    /// <summary>LayerNorm of the raw patch: bias.</summary>
    public const string PatchNorm1Bias = "model.vision_embedder.patch_ln1.bias";

    /// <summary>Patch projection: weight.</summary>
    public const string PatchDenseWeight = "model.vision_embedder.patch_dense.weight";

    /// <summary>Patch projection: bias.</summary>
    public const string PatchDenseBias = "model.vision_embedder.patch_dense.bias";

    /// <summary>LayerNorm after the patch projection: weight.</summary>
    public const string PatchNorm2Weight = "model.vision_embedder.patch_ln2.weight";

    /// <summary>LayerNorm after the patch projection: bias.</summary>
    public const string PatchNorm2Bias = "model.vision_embedder.patch_ln2.bias";

    /// <summary>Learned positions: [position, axis x or y, width].</summary>
    public const string PosEmbedding = "model.vision_embedder.pos_embedding";

    /// <summary>LayerNorm after the positions: weight.</summary>
    public const string PosNormWeight = "model.vision_embedder.pos_norm.weight";

    /// <summary>LayerNorm after the positions: bias.</summary>
    public const string PosNormBias = "model.vision_embedder.pos_norm.bias";

    /// <summary>Picture projection to the residual stream.</summary>
    public const string EmbedVision = "model.embed_vision.embedding_projection.weight";

    /// <summary>Sound projection to the residual stream.</summary>
    public const string EmbedAudio = "model.embed_audio.embedding_projection.weight";

    /// <summary>Drafter: its embedding, used only as its head.</summary>
    public const string DrafterEmbedTokens = "model.embed_tokens.weight";

    /// <summary>Drafter: final RMS norm.</summary>
    public const string DrafterFinalNorm = "model.norm.weight";

    /// <summary>Drafter: from (embedding, hidden) of the target to its own width.</summary>
    public const string PreProjection = "pre_projection.weight";

    /// <summary>Drafter: from its own width to the target's.</summary>
    public const string PostProjection = "post_projection.weight";

    private const string LanguageModel = "model.language_model.";
    private const string VisionEmbedder = "model.vision_embedder.";

    /// <summary>A tensor of the target's layer <paramref name="index"/>.</summary>
    public static string Layer(int index, LayerTensor tensor) => $"{LanguageModel}layers.{Number(index)}.{Suffix(tensor)}";

    /// <summary>A tensor of the drafter's layer <paramref name="index"/>.</summary>
    public static string DrafterLayer(int index, LayerTensor tensor) => $"model.layers.{Number(index)}.{Suffix(tensor)}";

    /// <summary>
    /// The names under which a file may hold <paramref name="name"/>, the released one first.
    /// <code>
    /// model.language_model.X                          language_model.model.X, model.X
    /// model.vision_embedder.X                         model.embed_vision.X, and both without "model."
    /// model.embed_vision.embedding_projection.weight  model.embed_vision.multimodal_embedder.embedding_projection.weight, and both without "model."
    /// model.embed_audio.X                             embed_audio.X
    /// </code>
    /// </summary>
    public static IEnumerable<string> Spellings(string name)
    {
        yield return name;
        if (name.StartsWith(LanguageModel, System.StringComparison.Ordinal))
        {
            string rest = name[LanguageModel.Length..];
            yield return $"language_model.model.{rest}";
            yield return $"model.{rest}";
            yield break;
        }

        const string Model = "model.";
        string? running = name.StartsWith(VisionEmbedder, System.StringComparison.Ordinal)
            ? $"model.embed_vision.{name[VisionEmbedder.Length..]}"
            : name == EmbedVision ? "model.embed_vision.multimodal_embedder.embedding_projection.weight" : null;
        if (running is not null)
        {
            yield return running;
            yield return running[Model.Length..];
        }

        if (running is not null || name == EmbedAudio)
        {
            yield return name[Model.Length..];
        }
    }

    /// <summary>The released names that <paramref name="spelling"/> of a decoder's tensor may stand for.</summary>
    public static IEnumerable<string> Released(string spelling)
    {
        yield return spelling;
        foreach (string prefix in (string[])["language_model.model.", "model."])
        {
            if (spelling.StartsWith(prefix, System.StringComparison.Ordinal))
            {
                yield return LanguageModel + spelling[prefix.Length..];
            }
        }
    }

    private static string Number(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static string Suffix(LayerTensor tensor) => tensor switch
    {
        LayerTensor.InputLayernorm => "input_layernorm.weight",
        LayerTensor.PostAttentionLayernorm => "post_attention_layernorm.weight",
        LayerTensor.PreFeedforwardLayernorm => "pre_feedforward_layernorm.weight",
        LayerTensor.PostFeedforwardLayernorm => "post_feedforward_layernorm.weight",
        LayerTensor.LayerScalar => "layer_scalar",
        LayerTensor.QNorm => "self_attn.q_norm.weight",
        LayerTensor.KNorm => "self_attn.k_norm.weight",
        LayerTensor.QProj => "self_attn.q_proj.weight",
        LayerTensor.KProj => "self_attn.k_proj.weight",
        LayerTensor.VProj => "self_attn.v_proj.weight",
        LayerTensor.OProj => "self_attn.o_proj.weight",
        LayerTensor.GateProj => "mlp.gate_proj.weight",
        LayerTensor.UpProj => "mlp.up_proj.weight",
        LayerTensor.DownProj => "mlp.down_proj.weight",
        _ => throw new System.ArgumentOutOfRangeException(nameof(tensor), tensor, "not a tensor of a layer"),
    };
}
