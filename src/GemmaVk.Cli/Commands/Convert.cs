using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using GemmaVk.Weights.Gguf.Writing;

namespace GemmaVk.Cli.Commands;

/// <summary>A checkpoint's folder to GGUF, and back.</summary>
internal sealed class Convert : Verb
{
    private readonly ConversionPaths _paths = new("convert", "Folder of a safetensors checkpoint, or a GGUF file.", "What to write: a new GGUF file, or a new or empty folder.");
    private readonly WordOption _to = new("--to", "Form to write.", "one of the two", "gguf", "safetensors");
    private readonly MmprojOption _mmproj = new();
    private readonly Option<string?> _tokenizer = new("--tokenizer") { Description = "The tokenizer.json that goes into a GGUF file. Default: the folder's own; of a drafter the model's beside it.", HelpName = "FILE" };

    private readonly WordOption _plain = new(
        "--plain", "What matrices in blocks, such as Q4_K, become in safetensors: f32 keeps every value, bf16 takes half and rounds.", "leave it out where there are none", "f32", "bf16");

    public Convert()
        : base("convert", "Writes a checkpoint in the other form: safetensors as GGUF (the media projector in a file of its own beside it), or GGUF as safetensors. Every number stays what it is; what the other form cannot hold is refused.")
    {
        _to.Required = true;
        _paths.AddTo(this);
        Options.Add(_to);
        Options.Add(_mmproj);
        Options.Add(_tokenizer);
        Options.Add(_plain);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk convert --to gguf weights/pebble /tmp/pebble.gguf",
        "gemmavk convert --to safetensors /tmp/pebble.gguf /tmp/pebble",
        "gemmavk convert --to gguf --model weights/pebble-assistant --out /tmp/pebble-assistant.gguf",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        (string from, string to) = _paths.Read(parsed, usual: false);
        bool gguf = _to.Read(parsed) == "gguf";
        if (gguf && (_plain.Read(parsed) is not null || parsed.GetValue(_mmproj) != "auto"))
        {
            throw new GemmaVkException("--plain and --mmproj: expected together with --to safetensors, which they are about; drop them.");
        }

        if (!gguf && parsed.GetValue(_tokenizer) is not null)
        {
            throw new GemmaVkException("--tokenizer: expected together with --to gguf, because a GGUF file has its vocabulary inside; drop it.");
        }

        long written = 0;
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<string> files = [to];
        using (Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen())
        using (ProgressLine line = new(surroundings.Terminal, "converting"))
        {
            void Progress(long bytes) => line.Show(Interlocked.Add(ref written, bytes), written);
            if (gguf)
            {
                files = GgufExport.Write(from, OutOption.TargetOf(to, _paths.OutFlag(parsed)).Path, parsed.GetValue(_tokenizer), Progress, interruption.Token);
            }
            else
            {
                DType? plain = _plain.Read(parsed) switch { "f32" => DType.F32, "bf16" => DType.BF16, _ => null };
                GgufImport.Write(from, parsed.GetValue(_mmproj)!, to, plain, Progress, interruption.Token);
            }
        }

        surroundings.Terminal.Error.WriteLine(ProgressLine.Summary(string.Join(" and ", files.Select(file => VisibleText.Line(file))), written, Stopwatch.GetElapsedTime(start)));
        return ExitCode.Done;
    }
}
