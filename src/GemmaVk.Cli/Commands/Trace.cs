using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Tracing;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>Every activation of a prompt in a file: what ports are compared with.</summary>
internal sealed class Trace : Verb
{
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly Option<string?> _ids = new("--ids") { Description = "Token ids, separated by commas.", HelpName = "N,N" };
    private readonly Option<string?> _prompt = new("--prompt") { Description = "A user's message, written with the chat template.", HelpName = "TEXT" };
    private readonly Option<string?> _case = new("--case") { Description = "A safetensors file with 'ids' and, with media, 'kinds', 'image.N', 'video.N', 'audio.N'.", HelpName = "FILE" };
    private readonly Option<bool> _steps = new("--steps") { Description = "Also every step of each layer, as LAYER.step." };
    private readonly OutOption _out = new("File to write: float32 logits [n, vocab], hidden [layers, n, width] (input of each layer), final [n, width], soft [soft rows, width].", "FILE");
    private readonly PrecisionOptions _precision = new(Precision.Reference, embedding: "as stored");

    public Trace()
        : base("trace", "Runs a prompt one kernel at a time and writes its activations as safetensors. In float32 unless flags say otherwise.")
    {
        Options.Add(_model);
        Options.Add(_mmproj);
        Options.Add(_ids);
        Options.Add(_prompt);
        Options.Add(_case);
        Options.Add(_out);
        Options.Add(_steps);
        Options.Add(_device);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk trace --prompt \"What is 8 + 0?\" --out trace.safetensors",
        "gemmavk trace --ids 2,105,7 --steps --device cpu --out steps.safetensors",
        "gemmavk trace --model tests/golden/tiny --case tests/golden/tiny-cases/text.safetensors --out text.safetensors",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--prompt", "--ids", "--case", "--steps", "--out"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        string path = _out.ReadFile(parsed).Ordinary().Path;
        (string? ids, string? prompt, string? @case) = (parsed.GetValue(_ids), parsed.GetValue(_prompt), parsed.GetValue(_case));
        if ((ids is null ? 0 : 1) + (prompt is null ? 0 : 1) + (@case is null ? 0 : 1) != 1)
        {
            throw new GemmaVkException("trace: expected exactly one of --ids, --prompt and --case; they say what to run.");
        }

        TraceCase? read = @case is null ? null : TraceCase.Read(@case);
        int[] given = ids is not null ? Numbers(ids) : read?.Ids ?? [];
        string folder = _model.Folder(parsed);
        (Precision precision, int side) = AsStored(folder, parsed.GetValue(_mmproj)!, _precision.Read(parsed));
        using GemmaEngine engine = surroundings.Load(
            new EngineOptions
            {
                Model = folder,
                Mmproj = parsed.GetValue(_mmproj)!,
                Device = parsed.GetValue(_device)!,
                Precision = precision,
                ImageTokens = read?.HasMedia == true ? Math.Max(1, read.LargestPicture(side)) : 0,
                Tokenizer = prompt is not null,
                Drafter = "off",
            },
            out _);
        if (prompt is not null)
        {
            given = ChatTemplate.Render([new ChatMessage("user", prompt)]).Encode(engine.Tokenizer);
        }

        Check(given, engine, ids is not null ? "--ids" : $"--case {@case}");
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        PromptRows rows = read?.Prompt(engine.Model) ?? PromptRows.Of(engine.Model.Config, given, []);
        Write(engine.Model, rows, parsed.GetValue(_steps), path, interruption.Token);
        surroundings.Terminal.Error.WriteLine($"{_out.Read(parsed)}: {given.Length} tokens on {engine.Backend.Device.Name}");
        return ExitCode.Done;
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

    private static void Write(GemmaModel model, PromptRows rows, bool steps, string path, System.Threading.CancellationToken cancel)
    {
        TraceLayout layout = new(model, rows.Length, rows.Media.Sum(placed => placed.Medium.SoftRows), steps);
        using SafetensorsWriter file = SafetensorsWriter.Create(path, layout.Entries);
        new Tracer(model).Run(rows, steps, (name, first, width, values) =>
        {
            cancel.ThrowIfCancellationRequested();
            (string tensor, long row) = layout.Place(name, first);
            file.Write(tensor, row * width * sizeof(float), MemoryMarshal.AsBytes(values));
        });
        file.Commit();
    }

    private static int[] Numbers(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int[] ids = new int[parts.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out ids[i]))
            {
                throw new GemmaVkException($"--ids: expected whole numbers separated by commas, such as 2,105,7, but '{parts[i]}' came; correct it.");
            }
        }

        return ids;
    }

    private static void Check(int[] ids, GemmaEngine engine, string source)
    {
        int V = engine.Model.Config.VocabSize;
        int most = engine.Model.Config.MaxPositionEmbeddings;
        if (ids.Length == 0 || ids.Length > most)
        {
            throw new GemmaVkException($"{source}: expected 1 to {most} ids, the model's max_position_embeddings, but {ids.Length} came; give others.");
        }

        foreach (int id in ids)
        {
            if (id < 0 || id >= V)
            {
                throw new GemmaVkException($"{source}: expected ids from 0 to {V - 1}, the model's vocabulary, but {id} came; is it another model's?");
            }
        }
    }
}
