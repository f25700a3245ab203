using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Terminals;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;
using Spectre.Console;

namespace GemmaVk.Cli.Commands;

/// <summary>A checkpoint's configuration and tensors, one tensor, the tokens of a text, or what a model sees of a file. Nothing is loaded.</summary>
internal sealed class Inspect : Verb
{
    private readonly Argument<string?> _media = new("media") { Description = "A picture, sound or clip: what the model sees or hears of it.", Arity = ArgumentArity.ZeroOrOne };
    private readonly MediaOptions _settings = new();
    private readonly Option<string?> _out = new("--out", "-o") { Description = "Write the resized picture, or a sheet of a clip's frames, as PNG.", HelpName = "FILE" };
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly Option<string?> _tensor = new("--tensor") { Description = "One tensor: header and first values.", HelpName = "NAME" };
    private readonly Option<string?> _text = new("--text") { Description = "The tokens of a text.", HelpName = "TEXT" };
    private readonly Option<string?> _file = new("--file", "-f") { Description = "The tokens of a text file.", HelpName = "PATH" };
    private readonly Option<bool> _specials = new("--specials") { Description = "Control tokens spelled in the text count as such. Otherwise they are ordinary text." };
    private readonly Option<bool> _check = new("--check") { Description = "Read every tensor, and name the numbers in them that are not finite." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of tables." };

    public Inspect()
        : base("inspect", "Shows a checkpoint (configuration, layers, tensors, formats, sizes), one tensor of it, the tokens of a text, or what the model sees of a file.")
    {
        Arguments.Add(_media);
        Options.Add(_model);
        Options.Add(_mmproj);
        Options.Add(_tensor);
        Options.Add(_text);
        Options.Add(_file);
        Options.Add(_specials);
        Options.Add(_check);
        Options.Add(_out);
        _settings.AddSettingsTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk inspect",
        "gemmavk inspect --model ~/gemma-4-12b --json",
        "gemmavk inspect --tensor model.language_model.norm.weight",
        "gemmavk inspect --model ~/gemma-4-12b --check",
        "gemmavk inspect --text \"What is 47 + 85?\"",
        "gemmavk inspect --text \"<|turn>user\" --specials",
        "gemmavk inspect weights/examples/picture-0.png --out seen.png",
        "gemmavk inspect --model ~/gemma-4-12b clip.mp4 --video-fps 1 --video-sound",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--tensor", "--text", "--file", "--out", "--json"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        (string? tensor, string? text, string? file, string? media) = (parsed.GetValue(_tensor), parsed.GetValue(_text), parsed.GetValue(_file), parsed.GetValue(_media));
        bool check = parsed.GetValue(_check);
        if ((tensor is null ? 0 : 1) + (text is null ? 0 : 1) + (file is null ? 0 : 1) + (media is null ? 0 : 1) + (check ? 1 : 0) > 1)
        {
            throw new GemmaVkException("inspect: expected at most one of a file, --tensor, --text, --file and --check; drop the others.");
        }

        if (media is null && parsed.GetValue(_out) is { } sheet)
        {
            throw new GemmaVkException($"--out {sheet}: expected together with a picture or clip, whose pixels are written; name one or drop it.");
        }

        text ??= file is null ? null : InputText.OfFile("--file", file);
        bool specials = parsed.GetValue(_specials);
        if (specials && text is null)
        {
            throw new GemmaVkException("--specials: expected together with --text or --file; add one or drop it.");
        }

        string folder = _model.Folder(parsed);
        TextWriter output = surroundings.Terminal.Out;
        bool json = parsed.GetValue(_json);
        if (media is not null)
        {
            MediaInspection.Of(media, new MediaLoader(Checkpoint.ConfigOf(folder, parsed.GetValue(_mmproj)!), _settings.Settings(parsed)), parsed.GetValue(_out), folder, json, surroundings.Terminal);
            return ExitCode.Done;
        }

        if (text is not null)
        {
            Tokens(folder, text, specials, json, output);
            return ExitCode.Done;
        }

        using TensorSource source = Open(folder, parsed.GetValue(_mmproj)!, out Gemma4TextConfig config);
        if (check)
        {
            return WeightCheck.Run(source, json, surroundings.Terminal);
        }

        if (tensor is not null)
        {
            OneTensor(source, tensor, json, output);
        }
        else
        {
            CheckpointListing listing = new(source, config);
            if (json)
            {
                JsonOutput.Write(output, listing.Write);
            }
            else
            {
                listing.WriteTables(output);
            }
        }

        return ExitCode.Done;
    }

    /// <summary>A target or a drafter: config.json says which.</summary>
    private static TensorSource Open(string folder, string mmproj, out Gemma4TextConfig config)
    {
        if (DrafterCheckpoint.Describes(folder))
        {
            DrafterCheckpoint drafter = DrafterCheckpoint.Open(folder);
            config = drafter.Config;
            return drafter;
        }

        Checkpoint checkpoint = Checkpoint.Open(folder, mmproj);
        config = checkpoint.Config;
        return checkpoint;
    }

    private static void OneTensor(TensorSource source, string name, bool json, TextWriter output)
    {
        const int Shown = 16;
        (TensorFile file, FileTensor? tensor) = source.Named(name);
        if (tensor is null)
        {
            throw new GemmaVkException($"--tensor {name}: expected a tensor of {source.Directory}, but it has none of that name; 'gemmavk inspect' lists them.");
        }

        string[] values = TensorValues.First(file, tensor, Shown);
        if (json)
        {
            JsonOutput.Write(output, writer =>
            {
                writer.WriteStartObject();
                CheckpointListing.WriteTensor(writer, file.Path, tensor);
                writer.WriteStartArray("values");
                foreach (string value in values)
                {
                    writer.WriteStringValue(value);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            });
            return;
        }

        output.WriteLine(VisibleText.Line($"{tensor.Name}: {tensor.Kind}, {tensor.ByteLength.ToString("N0", CultureInfo.InvariantCulture)} bytes at {tensor.Offset} of {file.Path}"));
        output.WriteLine($"first values: {string.Join(' ', values)}");
    }

    private static void Tokens(string folder, string text, bool specials, bool json, TextWriter output)
    {
        BpeTokenizer tokenizer = ModelTokenizer.Load(folder) ?? throw new GemmaVkException(
            $"{ModelTokenizer.Place(folder)} is not there: expected the checkpoint's tokenizer.json, to turn text into tokens; copy it there or give another --model.");
        int[] ids = tokenizer.Encode(text, specials);
        if (json)
        {
            JsonOutput.Write(output, writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("tokens");
                foreach (int id in ids)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("id", id);
                    writer.WriteString("spelling", tokenizer.Spelling(id));
                    writer.WriteBoolean("control", tokenizer.Specials.IsControl(id));
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            });
            return;
        }

        Table table = Tables.Of(">id", "spelling", "");
        foreach (int id in ids)
        {
            table.Row(id.ToString(CultureInfo.InvariantCulture), tokenizer.Spelling(id), tokenizer.Specials.IsControl(id) ? "control" : "");
        }

        Tables.Console(output).Write(table);
        output.WriteLine($"{ids.Length} tokens: {string.Join(',', ids)}");
    }
}
