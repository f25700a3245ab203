using System;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Forward;
using GemmaVk.Telemetry;
using GemmaVk.Tensors;

namespace GemmaVk.Hosting;

/// <summary>What a container loads, set in <see cref="GemmaVkServices.AddGemmaVk"/>. Whatever is left out is as in <see cref="EngineOptions"/>.</summary>
public sealed class GemmaVkOptions
{
    /// <summary>Folder of the checkpoint: config.json, tokenizer.json and model.safetensors (or its index and shards).</summary>
    public string Model { get; set; } = "";

    /// <summary>As <see cref="EngineOptions.Device"/>.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>As <see cref="EngineOptions.Drafter"/>.</summary>
    public string Drafter { get; set; } = "auto";

    /// <summary>Numbers to run in.</summary>
    public Precision Precision { get; set; } = new();

    /// <summary>Most positions of a conversation; null for as many as fit.</summary>
    public int? Context { get; set; }

    /// <summary>Conversations that are answered side by side.</summary>
    public int Sessions { get; set; } = 1;

    /// <summary>Bytes that everything together may take; null for what the device has available.</summary>
    public long? Budget { get; set; }

    /// <summary>How much of pictures, sounds and clips is taken.</summary>
    public MediaSettings? Media { get; set; }

    /// <summary>What is told to those who listen to <see cref="GemmaTelemetry"/>.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>Changes what no property above says.</summary>
    public Func<EngineOptions, EngineOptions>? Engine { get; set; }

    /// <summary>What is loaded.</summary>
    /// <exception cref="GemmaVkException">Something that cannot be.</exception>
    internal EngineOptions Checked()
    {
        Require(!string.IsNullOrWhiteSpace(Model), nameof(Model), "the folder of a checkpoint", "nothing");
        Require(!string.IsNullOrWhiteSpace(Device), nameof(Device), "auto, cpu, vulkan, ilgpu or the index of a device", "nothing");
        Require(!string.IsNullOrWhiteSpace(Drafter), nameof(Drafter), "auto, off or the folder of a drafter", "nothing");
        Require(Precision is not null, nameof(Precision), "formats", "null");
        Require(Telemetry is not null, nameof(Telemetry), "options", "null");
        Require(Sessions >= 1, nameof(Sessions), "1 or more", Sessions);
        Require(Context is null or >= 1, nameof(Context), "1 or more positions, or null", Context);
        Require(Budget is null or >= 1, nameof(Budget), "bytes, or null", Budget);
        EngineOptions options = new() { Model = Model, Device = Device, Drafter = Drafter, Precision = Precision!, Context = Context, Sessions = Sessions, Budget = Budget };
        return Engine is null ? options : Engine(options) ?? throw Wrong(nameof(Engine), "options", "null");
    }

    private static void Require(bool met, string what, string expected, object? came)
    {
        if (!met)
        {
            throw Wrong(what, expected, came);
        }
    }

    private static GemmaVkException Wrong(string what, string expected, object? came) =>
        new(FormattableString.Invariant($"AddGemmaVk: {what}: expected {expected}, but {came} came; set it in the options."));
}
