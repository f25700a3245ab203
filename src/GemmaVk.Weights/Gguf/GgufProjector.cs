using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json.Nodes;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

// Letters: P pixels of a patch's side, D hidden size.

/// <summary>
/// What a media projector's file (<c>mmproj</c>) says of pictures and sound, in the words of config.json. The 12B has no encoder: a patch and a frame are
/// projected as they are, so the file holds matrices, norms and a table of positions.
/// </summary>
/// <param name="file">The projector.</param>
internal sealed class GgufProjector(GgufFile file)
{
    private const string Pictures = "gemma4uv", Sounds = "gemma4ua";
    private static readonly int[] Budgets = [70, 140, 280];

    private readonly GgufMetadata _metadata = file.Metadata;

    /// <summary>Adds <c>vision_config</c> and <c>audio_config</c> to a target's config.json.</summary>
    /// <exception cref="GemmaVkException">It is the projector of another model, or its numbers contradict its tensors.</exception>
    public void AddTo(JsonObject root)
    {
        int D = (int)root["text_config"]!["hidden_size"]!;
        bool pictures = _metadata.Flag("clip.has_vision_encoder") ?? false, sounds = _metadata.Flag("clip.has_audio_encoder") ?? false;
        if (!pictures && !sounds)
        {
            throw _metadata.Wrong("clip.has_vision_encoder", "true, or clip.has_audio_encoder", "neither");
        }

        if (pictures)
        {
            root["vision_config"] = Vision(D);
        }

        if (sounds)
        {
            root["audio_config"] = Audio(D);
        }
    }

    /// <summary>processor_config.json, where the file says what llama.cpp has no key for; else null.</summary>
    public JsonObject? Processor() =>
        _metadata.Flag(Writing.GgufDescription.AudioBeforeText) is true ? new JsonObject { ["audio_before_text"] = true } : null;

    private JsonObject Vision(int D)
    {
        CheckType("vision", Pictures);
        CheckWidth("vision", D);
        CheckColours("clip.vision.image_mean", 0);
        CheckColours("clip.vision.image_std", 1);
        FileTensor patch = Matrix(GgufNames.PatchEmbd, 2), positions = Matrix("v.position_embd.weight", 3);
        int side = _metadata.RequiredWhole("clip.vision.patch_size");
        int P = (int)Math.Min(int.MaxValue, Math.Round(Math.Sqrt(patch.Extents[1] / 3.0)));
        if (side < 1 || P % side != 0 || 3L * P * P != patch.Extents[1])
        {
            throw Contradiction(patch, $"columns for whole squares of clip.vision.patch_size = {side} pixels in three colours");
        }

        if (positions.Extents[0] != 2)
        {
            throw Contradiction(positions, "two axes outermost");
        }

        return new JsonObject
        {
            ["model_type"] = "gemma4_unified_vision",
            ["patch_size"] = side,
            ["pooling_kernel_size"] = P / side,
            ["model_patch_size"] = P,
            ["mm_embed_dim"] = Bounded(patch.Extents[0]),
            ["output_proj_dims"] = Bounded(patch.Extents[0]),
            ["mm_posemb_size"] = Bounded(positions.Extents[1]),
            ["num_soft_tokens"] = Budget(positions.Extents[1], P),
            ["rms_norm_eps"] = (float)(_metadata.Number("clip.vision.attention.layer_norm_epsilon") ?? 1e-6),
        };
    }

    private JsonObject Audio(int D)
    {
        CheckType("audio", Sounds);
        CheckWidth("audio", D);
        int frame = _metadata.RequiredWhole("clip.audio.embedding_length");
        return new JsonObject
        {
            ["model_type"] = "gemma4_unified_audio",
            ["audio_embed_dim"] = frame,
            ["audio_samples_per_token"] = frame,
            ["hidden_size"] = frame,
            ["output_proj_dims"] = frame,
            ["rms_norm_eps"] = (float)(_metadata.Number("clip.audio.attention.layer_norm_epsilon") ?? 1e-6),
        };
    }

    /// <summary>
    /// Soft tokens of a picture where nobody says a number: what the file allows in pixels, else the released 280, or the largest budget below
    /// that for which the table has positions, a picture one patch high being as long as its budget.
    /// </summary>
    private int Budget(long positions, int P)
    {
        if (_metadata.Whole("clip.vision.image_max_pixels") is { } pixels && pixels % ((long)P * P) == 0 && (int[])[.. Budgets, 560, 1120] is var all && all.Contains((int)(pixels / ((long)P * P))))
        {
            return (int)(pixels / ((long)P * P));
        }

        return Budgets.LastOrDefault(budget => budget <= positions, Budgets[0]);
    }

    private void CheckType(string kind, string expected)
    {
        string key = $"clip.{kind}.projector_type";
        string? actual = _metadata.Text(key) ?? _metadata.Text("clip.projector_type");
        if (actual != expected)
        {
            throw new GemmaVkException(
                $"{file.Path}: {key} must be \"{expected}\", the projector of Gemma 4 12B, but is {(actual is null ? "absent" : $"\"{actual}\"")}; pass the mmproj that was published with the model.");
        }
    }

    private void CheckWidth(string kind, int D)
    {
        string key = $"clip.{kind}.projection_dim";
        if (_metadata.Whole(key) is { } width && width != D)
        {
            throw new GemmaVkException(
                $"{file.Path}: {key} must be the model's embedding_length {D}, but is {width}: it is the projector of another model; pass the mmproj that was published with the model.");
        }
    }

    private void CheckColours(string key, float wanted)
    {
        if (_metadata.Singles(key) is { } values && values.Any(value => value != wanted))
        {
            throw _metadata.Wrong(key, $"a list of {wanted.ToString(CultureInfo.InvariantCulture)}, because colours are given to the model as 0 to 1", $"one with {values.First(value => value != wanted).ToString(CultureInfo.InvariantCulture)}");
        }
    }

    private FileTensor Matrix(string name, int rank)
    {
        FileTensor tensor = file.Tensors.GetValueOrDefault(name) ?? throw new GemmaVkException($"{file.Path} must hold tensor {name}, but does not; {TensorFile.Remedy}");
        return tensor.Extents.Count == rank ? tensor : throw Contradiction(tensor, $"{rank} extents");
    }

    private GemmaVkException Contradiction(FileTensor tensor, string expected) =>
        new($"{file.Path}: tensor {tensor.Name} must have {expected}, but is {tensor.Kind}; {TensorFile.Remedy}");

    private static int Bounded(long extent) => (int)Math.Min(extent, int.MaxValue);
}
