using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cli.Comparing;

namespace GemmaVk.Cli.Porting;

/// <summary>All sets of the kit, in the order in which a port needs them.</summary>
internal static class GoldenSets
{
    private static readonly string[] Cases =
        ["one_token", "text", "image", "image_first", "two_images", "image_longer_than_window", "audio", "audio_longer_than_window", "video", "mixed"];

    /// <summary>Every set.</summary>
    public static IReadOnlyList<GoldenSet> All { get; } =
    [
        Tensors("ops/types", "every BF16, FP16 and FP8 pattern, and F32 rounded to BF16 and FP16", "values; bits as I16", GoldenRules.Types),
        Tensors("ops/norms", "RMS norm (eps 1e-6) with and without weight, layer norm (eps 1e-5), at the 12B's widths", "x and y of one scale, rows of size 1e-4 to 2e4", GoldenRules.Norms),
        Tensors("ops/pointwise", "gelu(tanh) times up, softcap at 30", "numbers from -1e4 to 1e4", GoldenRules.Pointwise),
        Tensors("ops/rope", "rotary angles and rotations of both kinds of layer at positions up to 262,143", "angles in radians, positions in tokens", GoldenRules.Rope),
        Tensors("ops/int4", "INT4 groups of 32 with BF16 scales, times rows", "y = sum over columns of (nibble - 8) scale x", GoldenRules.Int4),
        Tensors("ops/attention_sliding", "attention in a window of 1024, heads of 256", "scores as they are (scale 1)", GoldenRules.Attention),
        Tensors("ops/attention_picture", "the same where the rows of a picture see each other", "scores as they are (scale 1)", GoldenRules.Attention),
        Tensors("ops/attention_full", "attention over all rows, heads of 512, keys rebuilt from values", "scores as they are (scale 1)", GoldenRules.Attention),
        Tensors("gguf/blocks", "random blocks of each GGUF type", "blocks as bytes", GoldenRules.Gguf),
        Tensors("tiny-cases/steps", "every step of layers 0 and 5 of tiny", "activations, one row per token", GoldenRules.Trace),
        .. Cases.Select(name => Tensors($"tiny-cases/{name}", $"the tiny model on a prompt: {name.Replace('_', ' ')}", "activations, logits after the softcap, ids", GoldenRules.Trace)),
        Tensors("tiny-cases/quantised", "logits of tiny-w4a16-ct, tiny-w8a16-ct and tiny-fp8-ct, rows in F32", "logits", GoldenRules.Trace),
        Tensors("tiny-cases/drafts", "six drafts of tiny-assistant after 2 to 70 tokens", "ids, logits, rows", GoldenRules.Drafts),
        Tensors("media/images", "pictures as RGB, resized, and where their patches lie", "levels 0 to 255; patch columns and rows", GoldenRules.Media) with { Hashes = "media/sha256.json", Hashed = name => name.Contains(".rgb", StringComparison.Ordinal) || name.Contains('@', StringComparison.Ordinal) },
        Tensors("media/audio", "sounds as frames of 640 samples at 16 kHz", "samples from -1 to 1", GoldenRules.Media),
        Tensors("media/video", "frames of two clips, and their sound", "levels 0 to 255; samples as I32", GoldenRules.Media) with { Hashes = "media/sha256.json", Hashed = name => name.StartsWith("clip-", StringComparison.Ordinal) },
        Texts("media/sizes", ["sizes"], "sizes and budgets of pictures", "target height, target width, tokens; -1 where it is refused", GoldenTexts.Sizes),
        Tensors("sampling/sampling", "distributions after penalties, temperature, top-k, top-p and min-p", "probabilities", GoldenRules.Sampling),
        Texts("sampling/speculative", ["greedy_choices", "accept", "draws.", "rounds."], "what becomes of drafts: accepted or replaced", "probabilities; ids", GoldenTexts.Speculative, "sampling/sampling.json"),
        Texts("tokenizer/encode", ["encode."], "2,083 texts as ids of Gemma 4's vocabulary", "ids", GoldenTexts.Encode),
        Texts("tokenizer/decode", ["decode"], "ids as text, with and without control tokens", "UTF-8", GoldenTexts.Decode),
        Texts("tokenizer/stream", ["stream."], "text as it comes, id by id", "a JSON list: a text per id, then what is left at the end", GoldenTexts.Stream),
        Texts("chat/prompts", ["prompts."], "conversations as prompts", "UTF-8; ids", GoldenTexts.Prompts),
        Texts("chat/expand", ["expand."], "placeholders of media as rows", "ids; 0 text, 1 picture, 2 frame, 3 sound", GoldenTexts.Expand),
        Texts("chat/parse", ["parse."], "answers in parts: thoughts, text, calls", "JSON", GoldenTexts.Parse),
        Texts("pebble/answers", ["answers."], "greedy answers of weights/pebble", "ids", GoldenTexts.Answers),
        Texts("pebble/media", ["media."], "the same to the files of weights/examples", "ids", GoldenTexts.Answers),
    ];

    private static GoldenSet Tensors(string name, string what, string units, Func<string, IReadOnlyDictionary<string, NumberArray>, ArrayRule?> rule) =>
        new(name, what, units, rule) { Arrays = $"{name}.safetensors" };

    private static GoldenSet Texts(string name, string[] beginnings, string what, string units, Func<System.Text.Json.JsonElement, IEnumerable<NumberArray>> read, string? file = null) =>
        new(name, what, units, GoldenRules.Texts) { Texts = (file ?? $"{name}.json", read), Beginnings = beginnings };
}
