using System;
using System.IO;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using GemmaVk.Weights.Gguf;

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
    /// <param name="reason">Why this device.</param>
    /// <exception cref="GemmaVkException">A folder holds no checkpoint, or the device is not there.</exception>
    public static PlanRequest Ask(EngineOptions options, out string reason)
    {
        options = options with { Model = CheckpointPath.Resolve(options.Model) };
        (DeviceMemory memory, reason) = BackendFactory.MemoryOf(options.Device, options.DeviceMemory);
        CheckpointFacts facts = Facts(options);
        string? drafter = DrafterChoice.Find(options.Drafter, options.Model);
        CheckpointFacts? assistant = drafter is null ? null : DrafterFacts(drafter, (Gemma4Config)facts.Config);
        return Request(options, facts, assistant, memory, options.Budget ?? memory.AvailableBytes);
    }

    /// <summary>Positions that the released 12B allows.</summary>
    public static int FullSizeContext => GeneratedCheckpoint.FullSize.MaxPositionEmbeddings;

    /// <summary>What the released 12B with layers in INT4 would take on a device, without a checkpoint at hand.</summary>
    /// <param name="memory">The device's memory.</param>
    /// <param name="budget">Bytes that everything together may take.</param>
    public static MemoryPlan FullSize(DeviceMemory memory, long budget) => MemoryPlanner.Plan(
        Request(new EngineOptions { Model = ".", Tokenizer = false }, CheckpointFacts.Assume(GeneratedCheckpoint.FullSize), null, memory, budget));

    /// <summary>Soft rows of the largest picture or frame that may come; 0 for text only.</summary>
    internal static int LargestPicture(EngineOptions options, Gemma4Config config) => config.VisionConfig is null
        ? 0
        : options.ImageTokens ?? Math.Max(config.Processor.ImageMaxSoftTokens, config.Processor.VideoMaxSoftTokens);

    /// <summary>The options without outlines that nobody asked for, where the rest would fit with the context that is asked for and with them it does not.</summary>
    internal static EngineOptions WithRoom(EngineOptions options, Checkpoint checkpoint, DeviceMemory memory)
    {
        if (options.Precision.HeadOutline != HeadOutline.Auto)
        {
            return options;
        }

        CheckpointFacts facts = CheckpointFacts.Of(checkpoint);
        long budget = Math.Min(options.Budget ?? long.MaxValue, memory.AvailableBytes);
        EngineOptions without = options with { Precision = options.Precision with { HeadOutline = HeadOutline.Off } };
        return MemoryPlanner.Plan(Request(options, facts, null, memory, budget)).Fits || !MemoryPlanner.Plan(Request(without, facts, null, memory, budget)).Fits ? options : without;
    }

    /// <summary>
    /// Plans right before loading, against what is available at that moment. A drafter that was found and not asked for stays
    /// away where there is no room for it.
    /// </summary>
    /// <exception cref="GemmaVkException">It does not fit; the sentence says what would.</exception>
    internal static (MemoryPlan Plan, DrafterChoice Drafting) Check(EngineOptions options, Checkpoint checkpoint, DrafterChoice drafting, DeviceMemory memory)
    {
        bool limited = options.Budget is { } asked && asked <= memory.AvailableBytes;
        long budget = limited ? options.Budget!.Value : memory.AvailableBytes;
        CheckpointFacts facts = CheckpointFacts.Of(checkpoint);
        PlanRequest request = Request(options, facts, drafting.Checkpoint is { } drafter ? CheckpointFacts.Of(drafter) : null, memory, budget);
        MemoryPlan plan = MemoryPlanner.Plan(request);
        if (plan.Fits)
        {
            return (plan, drafting);
        }

        if (drafting.Checkpoint is { } found && options.Drafter == "auto" && MemoryPlanner.Plan(Request(options, facts, null, memory, budget)) is { Fits: true } without)
        {
            found.Dispose();
            return (without, new DrafterChoice(null, $"{found.Directory} does not fit beside the model: {PlanRefusal.Size(plan.TotalBytes)} of {PlanRefusal.Size(budget)}"));
        }

        throw PlanRefusal.Of(plan, request, limited ? "--budget" : Available(memory));
    }

    private static PlanRequest Request(EngineOptions options, CheckpointFacts facts, CheckpointFacts? drafter, DeviceMemory memory, long budget)
    {
        Gemma4Config config = (Gemma4Config)facts.Config;
        int picture = LargestPicture(options, config);
        int chunk = GemmaModel.PassRows(options.Chunk, picture);
        bool media = options.ImageTokens != 0 && (config.VisionConfig is not null || config.AudioConfig is not null);
        PlanRequest request = new(facts, memory, options.Precision, budget)
        {
            Context = options.Context,
            Sessions = options.Sessions,
            PrefixBytes = options.SharedPrefixBytes,
            Chunk = chunk,
            Media = media,
            MediaBuffers = media ? MediaBuffers.Layout(config, chunk, picture) : [],
            Measures = options.Measures,
            ProcessBytes = memory.IsHostMemory ? ProcessBytes(options) : 0,
        };
        return drafter?.Config is not DrafterConfig assistant ? request : request with
        {
            Drafter = drafter,
            DrafterPrecision = options.DrafterPrecision.For(assistant),
            DrafterBuffers = DrafterBuffers.Layout(assistant, DrafterPlan.For(assistant, config)),
        };
    }

    /// <summary>Where the available bytes come from: <c>available now of 23.5 GiB on NAME, physical memory</c>.</summary>
    public static string Available(DeviceMemory memory) => $"available now of {PlanRefusal.Size(memory.TotalBytes)} on {memory.Name}, {memory.Source}";

    private static CheckpointFacts Facts(EngineOptions options)
    {
        if (HasOnlyConfig(options.Model))
        {
            return CheckpointFacts.Assume(Gemma4Config.Load(options.Model));
        }

        using Checkpoint checkpoint = Checkpoint.Open(options.Model, options.Mmproj);
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
        if (!options.Tokenizer)
        {
            return ProcessOnly;
        }

        if (GgufNeighbours.IsGguf(options.Model))
        {
            // The vocabulary's lists take half of what a tokenizer.json does.
            using VocabularyFile file = VocabularyFile.Open(options.Model);
            return ProcessOnly + (2L * TokenizerFactor * file.Vocabulary.Bytes);
        }

        FileInfo tokenizer = new(ModelTokenizer.Place(options.Model));
        return ProcessOnly + (tokenizer.Exists ? TokenizerFactor * tokenizer.Length : 0);
    }
}
