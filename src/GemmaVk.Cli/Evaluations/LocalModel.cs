using System.Collections.Generic;
using System.CommandLine;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Verifying;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Evaluations;

/// <summary>The flags of a model in this program, and what is loaded by them.</summary>
internal sealed class LocalModel(
    ModelOption model, MmprojOption mmproj, DeviceOption device, OwnKernelOption kernel, BudgetOptions budget, PrecisionOptions precision, MediaOptions media)
{
    /// <summary>What reads pictures, sounds and clips for it.</summary>
    /// <exception cref="GemmaVkException">The checkpoint or a flag is wrong.</exception>
    public MediaLoader Loader(ParseResult parsed) => new(Config(parsed), media.Settings(parsed));

    /// <summary>Its configuration, before it is loaded.</summary>
    /// <exception cref="GemmaVkException">The checkpoint is wrong.</exception>
    public Gemma4Config Config(ParseResult parsed) => Checkpoint.ConfigOf(model.Folder(parsed), parsed.GetValue(mmproj)!);

    /// <summary>Loads it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="surroundings">Where notes go.</param>
    /// <param name="options">Context, sessions, drafter and pictures; the rest comes from the flags.</param>
    /// <param name="origin">What tells this run from others.</param>
    /// <exception cref="GemmaVkException">It cannot be loaded.</exception>
    public GemmaEngine Load(ParseResult parsed, Surroundings surroundings, EngineOptions options, out Dictionary<string, string> origin)
    {
        IReadOnlyDictionary<string, string> own = OwnKernelCheck.Read(kernel, device, parsed, surroundings);
        Precision numbers = precision.Read(parsed);
        GemmaEngine engine = surroundings.Load(
            budget.Over(options with { Mmproj = parsed.GetValue(mmproj)!, Device = parsed.GetValue(device)!, Precision = numbers, Kernels = own }, parsed), out _);
        origin = new Dictionary<string, string>
        {
            ["program"] = Provenance.Program,
            ["system"] = Provenance.System,
            ["backend"] = engine.Backend.Device.Backend,
            ["device"] = engine.Backend.Device.Name,
            ["driver"] = engine.Backend.Device.Driver,
            ["weights"] = Word(numbers.Linears) ?? "as stored",
            ["embedding"] = Word(numbers.Embedding) ?? "default",
            ["kv"] = numbers.CacheInWords(engine.Model.Plan),
            ["activations"] = numbers.QuantiseActivations switch { true => "int8", false => "f32", _ => "default" },
            ["rope"] = numbers.Angles == AngleDefinition.Exact ? "exact" : "published",
        };
        if (own.Count > 0)
        {
            origin["kernels"] = string.Join(", ", own.Keys);
        }

        return engine;
    }

    /// <summary>Its folder or file.</summary>
    public string Folder(ParseResult parsed) => model.Folder(parsed);

    private static string? Word(DType? format) => format switch { DType.Q4 => "int4", DType.Q8 => "int8", DType.BF16 => "bf16", null => null, _ => format.ToString() };
}
