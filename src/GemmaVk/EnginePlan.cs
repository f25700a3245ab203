using System;
using System.IO;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk;

/// <summary>The plan of an engine: the same for <c>plan</c>, which stops there, and for everything that then loads.</summary>
public static class EnginePlan
{
    // Code, runtime, thread stacks and the small arrays of a session: an estimate, above the 44 MB that 'plan' itself peaks at.
    private const long ProcessOnly = 64L << 20;

    // Tables of a vocabulary, in bytes of its tokenizer.json: an estimate.
    private const int TokenizerFactor = 5;

    /// <summary>What is asked of the planner, from headers and the device's own numbers alone. Nothing is loaded.</summary>
    /// <param name="options">What to run, and where.</param>
    /// <param name="drafter">Folder of a drafter, or null.</param>
    /// <param name="reason">Why this device.</param>
    /// <exception cref="GemmaVkException">A folder holds no checkpoint, or the device is not there.</exception>
    public static PlanRequest Ask(EngineOptions options, string? drafter, out string reason)
    {
        (DeviceMemory memory, reason) = BackendFactory.MemoryOf(options.Device, options.DeviceMemory);
        PlanRequest request = Request(options, Facts(options.Model), memory, options.Budget ?? memory.AvailableBytes);
        return drafter is null ? request : request with { Drafter = DrafterFacts(drafter, (Gemma4Config)request.Model.Config) };
    }

    /// <summary>What is asked of the planner for a checkpoint on an open device.</summary>
    internal static PlanRequest Request(EngineOptions options, CheckpointFacts facts, DeviceMemory memory, long budget)
    {
        Precision precision = options.Precision;
        return new PlanRequest(facts, memory, precision, budget)
        {
            Context = options.Context,
            Chunk = options.Chunk,
            Measures = options.Measures,
            ProcessBytes = memory.IsHostMemory ? ProcessBytes(options) : 0,
        };
    }

    /// <summary>Plans right before loading, against what is available at that moment.</summary>
    /// <exception cref="GemmaVkException">It does not fit; the sentence says what would.</exception>
    internal static MemoryPlan Check(EngineOptions options, CheckpointFacts facts, DeviceMemory memory)
    {
        bool limited = options.Budget is { } budget && budget <= memory.AvailableBytes;
        PlanRequest request = Request(options, facts, memory, limited ? options.Budget!.Value : memory.AvailableBytes);
        MemoryPlan plan = MemoryPlanner.Plan(request);
        return plan.Fits ? plan : throw PlanRefusal.Of(plan, request, limited ? "--budget" : Available(memory));
    }

    /// <summary>Where the available bytes come from: <c>available now of 23.5 GiB on NAME, physical memory</c>.</summary>
    public static string Available(DeviceMemory memory) => $"available now of {PlanRefusal.Size(memory.TotalBytes)} on {memory.Name}, {memory.Source}";

    private static CheckpointFacts Facts(string folder)
    {
        if (HasOnlyConfig(folder))
        {
            return CheckpointFacts.Assume(Gemma4Config.Load(folder));
        }

        using Checkpoint checkpoint = Checkpoint.Open(folder);
        return CheckpointFacts.Of(checkpoint);
    }

    private static CheckpointFacts DrafterFacts(string folder, Gemma4Config target)
    {
        if (HasOnlyConfig(folder))
        {
            DrafterConfig config = DrafterConfig.Load(folder);
            DrafterPlan.For(config, target);
            return CheckpointFacts.Assume(config);
        }

        using DrafterCheckpoint drafter = DrafterCheckpoint.Open(folder);
        DrafterPlan.For(drafter.Config, target);
        return CheckpointFacts.Of(drafter);
    }

    /// <summary>A folder in which config.json arrived and the weights did not yet.</summary>
    private static bool HasOnlyConfig(string folder) =>
        File.Exists(Path.Combine(folder, "config.json")) && Directory.GetFiles(folder, "*.safetensors*").Length == 0;

    private static long ProcessBytes(EngineOptions options)
    {
        FileInfo tokenizer = new(Path.Combine(options.Model, "tokenizer.json"));
        return ProcessOnly + (options.Tokenizer && tokenizer.Exists ? TokenizerFactor * tokenizer.Length : 0);
    }
}
