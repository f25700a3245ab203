using System;
using System.IO;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Tests;

/// <summary>A small model with its drafter on one device.</summary>
internal sealed class TinyPair : IDisposable
{
    /// <summary>The random golden pair (window 16).</summary>
    public TinyPair(string device, Precision precision, int chunk = 24, int? drafts = null)
        : this(device, Repository.Golden("tiny"), Repository.Golden("tiny-assistant"), precision, chunk, drafts)
    {
    }

    private TinyPair(string device, string target, string drafter, Precision precision, int chunk, int? drafts)
    {
        Backend = Backends.Open(device);
        Checkpoint = Checkpoint.Open(target);
        DrafterCheckpoint = DrafterCheckpoint.Open(drafter);
        Model = GemmaModel.Load(Checkpoint, Backend, precision, chunk);
        Drafter = Drafter.Load(Model, DrafterCheckpoint, new DrafterPrecision(), drafts);
    }

    /// <summary>The trained pair of the repository.</summary>
    public static TinyPair Pebble(string device, int? drafts = null) => new(
        device, Weights("pebble"), Weights("pebble-assistant"), new Precision(), 512, drafts);

    public IBackend Backend { get; }

    public Checkpoint Checkpoint { get; }

    public DrafterCheckpoint DrafterCheckpoint { get; }

    public GemmaModel Model { get; }

    public Drafter Drafter { get; }

    /// <summary>Another drafter for the same model, that makes that many drafts.</summary>
    public Drafter Drafts(int? drafts) => Drafter.Load(Model, DrafterCheckpoint, new DrafterPrecision(), drafts);

    public void Dispose()
    {
        Drafter.Dispose();
        Model.Dispose();
        DrafterCheckpoint.Dispose();
        Checkpoint.Dispose();
        Backend.Dispose();
    }

    private static string Weights(string name) => Path.Combine(Repository.Root, "weights", name);
}
