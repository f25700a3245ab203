using System;
using System.Collections.Generic;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;

namespace GemmaVk;

/// <summary>What to load, and where and how to run it.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder with config.json, tokenizer.json and model.safetensors (or its index and shards), or a GGUF file.</summary>
    public required string Model { get; init; }

    /// <summary>Media projector of a GGUF model: its file, <c>auto</c> for the one beside the model, or <c>off</c> for text alone.</summary>
    public string Mmproj { get; init; } = "auto";

    /// <summary><c>auto</c>, <c>cpu</c>, <c>vulkan</c>, the index of a Vulkan device, or <c>ilgpu</c> with <c>:cpu</c>, <c>:cuda</c> or <c>:opencl</c> and an index.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Numbers to run in.</summary>
    public Precision Precision { get; init; } = new();

    /// <summary>
    /// <c>auto</c> (a folder <c>NAME-assistant</c> beside the model's folder NAME, or <c>drafter</c> in it; beside a GGUF
    /// model <c>mtp-NAME.gguf</c> or <c>NAME-assistant.gguf</c>), <c>off</c>, or the folder or GGUF file of a drafter.
    /// </summary>
    public string Drafter { get; init; } = "auto";

    /// <summary>Drafts per round, 1 to 7; null chooses while running, from what they cost and how often they are right.</summary>
    public int? DraftLength { get; init; }

    /// <summary>Formats of the drafter's weights.</summary>
    public DrafterPrecision DrafterPrecision { get; init; } = new();

    /// <summary>Most rows per pass of a prompt.</summary>
    public int Chunk { get; init; } = 512;

    /// <summary>Positions of a session; null for as many as fit, at most what the model allows.</summary>
    public int? Context { get; init; }

    /// <summary>
    /// Conversations that are held at once, for which memory is planned. Their answers are written side by side, each the same as
    /// alone; more than these wait.
    /// </summary>
    public int Sessions { get; init; } = 1;

    /// <summary>
    /// How many callers may wait while all of <see cref="Sessions"/> answer: null for any number, 0 to refuse at once. One more gets an
    /// <see cref="EngineBusyException"/> with the numbers.
    /// </summary>
    public int? LongestQueue { get; init; }

    /// <summary>
    /// Main memory for copies of what conversations begin with alike, so that a system text, tools and pictures are taken in once for all,
    /// and a conversation that is changed far back goes on from there. Null for as much as one conversation's cache takes where
    /// <see cref="Sessions"/> is more than one, and none else.
    /// </summary>
    public long? SharedPrefixBytes { get; init; }

    /// <summary>Bytes that everything together may take; null for what the device has available.</summary>
    public long? Budget { get; init; }

    /// <summary>Bytes of memory that the device has, where what it says is wrong; null to believe it.</summary>
    public long? DeviceMemory { get; init; }

    /// <summary>The device's bandwidth will be measured beside the model.</summary>
    public bool Measures { get; init; }

    /// <summary>The time of every kernel is taken; each run of the device is then waited for.</summary>
    public bool Timing { get; init; }

    /// <summary>Files that stand for shader modules, a .comp or a .spv by module; for Vulkan devices only.</summary>
    public IReadOnlyDictionary<string, string>? Kernels { get; init; }

    /// <summary>
    /// On Vulkan: forms of kernels that were measured on the device are taken, and on a GPU where none were, they are measured first, in at most
    /// two seconds. Those of products differ in time alone; attention adds in another order in another form, so answers are the same to the bit among runs that take
    /// the same forms, as all of an engine do.
    /// </summary>
    public bool Tune { get; init; } = true;

    /// <summary>
    /// Most soft tokens of a picture; null for the checkpoint's own budgets, 0 for text only. Above <see cref="Chunk"/> it lengthens
    /// the longest pass, and with it activations and the caches of sliding layers.
    /// </summary>
    public int? ImageTokens { get; init; }

    /// <summary>Whether the tokenizer is needed: ids can be run without.</summary>
    public bool Tokenizer { get; init; } = true;

    /// <summary>Told in a sentence what whoever waits should know and is no error: that a device was lost and opened anew. From any thread.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>Bytes placed so far and in total, from any thread.</summary>
    public Action<long, long>? Progress { get; init; }

    /// <summary>Forms of kernels measured so far and in total, where <see cref="Tune"/> measures some.</summary>
    public Action<int, int>? TuningProgress { get; init; }
}
