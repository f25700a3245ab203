using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>A BF16 checkpoint, a folder or a GGUF file, to a smaller one.</summary>
internal sealed class Quantize : Verb
{
    private readonly ConversionPaths _paths = new("quantize", "Folder of a safetensors checkpoint, or a GGUF file.", "Folder to write: new or empty.");
    private readonly MmprojOption _mmproj = new();

    private readonly WordOption _to = new(
        "--to", "Format of the layers' matrices: groups of 32 with one scale each.", "int4 is a quarter of BF16, int8 half", "int4", "int8");

    public Quantize()
        : base("quantize", "Writes a checkpoint with INT4 or INT8 weights, tensor by tensor in bounded memory. A run that was stopped or killed goes on when the same command is given again.")
    {
        _to.Required = true;
        _paths.AddTo(this);
        Options.Add(_mmproj);
        Options.Add(_to);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk quantize --model ~/gemma-4-12b --to int4 --out ~/gemma-4-12b-int4",
        "gemmavk quantize --to int4 gemma-4-12b-BF16.gguf ~/gemma-4-12b-int4",
        "gemmavk quantize --to int8 --out /tmp/pebble-int8",
        "gemmavk generate --model /tmp/pebble-int8 --think \"What is 47 + 85?\"",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        (string from, string folder) = _paths.Read(parsed, usual: true);
        if (folder.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(folder))
        {
            throw new GemmaVkException(
                $"{_paths.OutFlag(parsed)} {folder}: expected a folder to write, but this is the name of a GGUF file; quantize writes safetensors. Name a folder, or make the file of it afterwards with 'gemmavk convert --to gguf'.");
        }

        DType format = WordOption.Format(_to.Read(parsed))!.Value;
        using Checkpoint source = Checkpoint.Open(from, parsed.GetValue(_mmproj)!);
        long total = Quantizer.DataBytes(source, format);
        long written = 0;
        long start = Stopwatch.GetTimestamp();
        TextWriter error = surroundings.Terminal.Error;
        try
        {
            using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
            using ProgressLine line = new(surroundings.Terminal, "quantising");
            Quantizer.Write(source, folder, format, bytes => line.Show(Interlocked.Add(ref written, bytes), total), error.WriteLine, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("The same command goes on where this one stopped.");
            throw;
        }

        error.WriteLine(ProgressLine.Summary($"{folder}", total, Stopwatch.GetElapsedTime(start)));
        return ExitCode.Done;
    }
}
