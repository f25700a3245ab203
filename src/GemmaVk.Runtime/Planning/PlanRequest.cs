using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Media;

namespace GemmaVk.Runtime.Planning;

/// <summary>What is to be planned: a model, a device, and how much memory there is.</summary>
/// <param name="Model">The target's checkpoint.</param>
/// <param name="Device">The device's memory.</param>
/// <param name="Precision">Formats of weights and cache.</param>
/// <param name="BudgetBytes">Bytes that everything together may take.</param>
public sealed record PlanRequest(CheckpointFacts Model, DeviceMemory Device, Precision Precision, long BudgetBytes)
{
    /// <summary>Most conversations at once: a plan has an entry for each buffer of each.</summary>
    public const int MostSessions = 1024;

    /// <summary>Positions of a session; null for as many as fit.</summary>
    public int? Context { get; init; }

    /// <summary>Conversations that are held at once, each with a cache of its own; 1 to <see cref="MostSessions"/>.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>
    /// Main memory for what conversations begin with alike; null for as much as the cache of one of them where there are several, and none
    /// for one alone.
    /// </summary>
    public long? PrefixBytes { get; init; }

    /// <summary>Most rows per pass.</summary>
    public int Chunk { get; init; } = 512;

    /// <summary>The drafter's checkpoint, or null to decode without.</summary>
    public CheckpointFacts? Drafter { get; init; }

    /// <summary>Formats of the drafter's weights.</summary>
    public DrafterPrecision DrafterPrecision { get; init; } = new();

    /// <summary>The drafter's activations.</summary>
    public IReadOnlyList<PlannedBuffer> DrafterBuffers { get; init; } = [];

    /// <summary>The picture and sound embedders are placed too.</summary>
    public bool Media { get; init; }

    /// <summary>The embedders' activations.</summary>
    public IReadOnlyList<PlannedBuffer> MediaBuffers { get; init; } = [];

    /// <summary>The device's bandwidth is measured beside the model.</summary>
    public bool Measures { get; init; }

    /// <summary>Bytes that the process takes beside the device: its code and tables, and the tokenizer.</summary>
    public long ProcessBytes { get; init; }
}
