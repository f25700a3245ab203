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

    /// <summary>Most rows per pass of a prompt.</summary>
    public int Chunk { get; init; } = 512;

    /// <summary>
    /// Most soft tokens of a picture; null for the checkpoint's own budgets, 0 for text only. Above <see cref="Chunk"/> it lengthens
    /// the longest pass, and with it activations and the caches of sliding layers.
    /// </summary>
    public int? ImageTokens { get; init; }

    /// <summary>Whether tokenizer.json is needed: ids can be run without.</summary>
    public bool Tokenizer { get; init; } = true;

    /// <summary>Bytes placed so far and in total, from any thread.</summary>
    public Action<long, long>? Progress { get; init; }
}
