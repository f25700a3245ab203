using System;
using GemmaVk.Runtime;

namespace GemmaVk;

/// <summary>What to load, and where and how to run it.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder with config.json, tokenizer.json and model.safetensors (or its index and shards).</summary>
    public required string Model { get; init; }

    /// <summary><c>auto</c>, <c>cpu</c>, <c>vulkan</c>, or the index of a Vulkan device.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Numbers to run in.</summary>
    public Precision Precision { get; init; } = new();

    /// <summary>
    /// <c>auto</c> (a folder <c>NAME-assistant</c> beside the model's folder NAME, or <c>drafter</c> in it), <c>off</c>, or the
    /// folder of a drafter.
    /// </summary>
    public string Drafter { get; init; } = "auto";

    /// <summary>Drafts per round, 1 to 7; null chooses while running, from what they cost and how often they are right.</summary>
    public int? DraftLength { get; init; }

    /// <summary>Formats of the drafter's weights.</summary>
    public DrafterPrecision DrafterPrecision { get; init; } = new();

    /// <summary>Most rows per pass of a prompt.</summary>
    public int Chunk { get; init; } = 512;

    /// <summary>Whether tokenizer.json is needed: ids can be run without.</summary>
    public bool Tokenizer { get; init; } = true;

    /// <summary>Bytes placed so far and in total, from any thread.</summary>
    public Action<long, long>? Progress { get; init; }
}
