using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Tracing;

/// <summary>One run of a prompt, kernel by kernel, into a file.</summary>
/// <param name="Device">What it ran on.</param>
/// <param name="Precision">In which numbers.</param>
/// <param name="Tokens">Rows of the prompt.</param>
internal sealed record TraceRun(string Device, Precision Precision, int Tokens)
{
    /// <summary>The run in words, for a sentence.</summary>
    public string InWords => $"{Device}, {Words(Precision)}";

    /// <summary>Loads a model, runs the input and writes the file.</summary>
    /// <param name="surroundings">Progress and Ctrl-C.</param>
    /// <param name="model">Checkpoint, projector and device.</param>
    /// <param name="precision">Numbers; what is left open is taken as stored.</param>
    /// <param name="input">What to run.</param>
    /// <param name="steps">Also every step of each layer.</param>
    /// <param name="path">File to write.</param>
    /// <param name="cancel">Stops; no file is left.</param>
    public static TraceRun Write(
        Surroundings surroundings, (string Folder, string Mmproj, string Device) model, Precision precision, TraceInput input, bool steps, string path, CancellationToken cancel)
    {
        (precision, int side) = AsStored(model.Folder, model.Mmproj, precision);
        using GemmaEngine engine = surroundings.Load(
            new EngineOptions
            {
                Model = model.Folder,
                Mmproj = model.Mmproj,
                Device = model.Device,
                Precision = precision,
                ImageTokens = input.Case?.HasMedia == true ? Math.Max(1, input.Case.LargestPicture(side)) : 0,
                Tokenizer = input.NeedsTokenizer,
                Drafter = "off",
            },
            out _);
        PromptRows rows = input.Rows(engine);
        TraceRun run = new(engine.Backend.Device.Name, engine.Model.Precision, rows.Length);
        TraceLayout layout = new(engine.Model, rows.Length, rows.Media.Sum(placed => placed.Medium.SoftRows), steps);
        Dictionary<string, string> about = new() { ["format"] = "pt", ["made_by"] = "gemmavk trace", ["run"] = run.InWords };
        using SafetensorsWriter file = SafetensorsWriter.Create(path, layout.Entries, about);
        file.Write("ids", 0, MemoryMarshal.AsBytes(rows.Ids));
        new Tracer(engine.Model).Run(rows, steps, (name, first, width, values) =>
        {
            cancel.ThrowIfCancellationRequested();
            (string tensor, long row) = layout.Place(name, first);
            file.Write(tensor, row * width * sizeof(float), MemoryMarshal.AsBytes(values));
        });
        file.Commit();
        return run;
    }

    /// <summary>
    /// A trace converts no value unasked: not even the embedding, which answers take as INT8 beside integer weights. With the side
    /// of the model's patches.
    /// </summary>
    private static (Precision Precision, int PatchSide) AsStored(string folder, string mmproj, Precision precision)
    {
        using Checkpoint checkpoint = Checkpoint.Open(folder, mmproj);
        precision = precision with { Embedding = precision.Embedding ?? checkpoint.Matrix(TensorNames.EmbedTokens).Format };
        return (precision, (checkpoint.Config.VisionConfig ?? new VisionConfig()).ModelPatchSize);
    }

    private static string Words(Precision precision)
    {
        string kv = precision.Kv switch { DType.F16 => "fp16", DType.Q8 => "int8", _ => "fp32" };
        string linears = precision.Linears switch { null => "as stored", DType.Q4 => "int4", DType.Q8 => "int8", { } other => other.ToString() };
        return $"cache {kv}, rows {(precision.QuantiseActivations is false ? "f32" : "int8 with int4 and int8 weights")}, weights {linears}, angles {(precision.Angles == AngleDefinition.Exact ? "exact" : "published")}";
    }
}
