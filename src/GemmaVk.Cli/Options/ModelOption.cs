using System;
using System.CommandLine;
using System.IO;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Options;

/// <summary><c>--model</c>: a checkpoint's folder or GGUF file, or the small one that comes with the program.</summary>
internal sealed class ModelOption : Option<string?>
{
    private const string Variable = "GEMMAVK_MODEL";

    public ModelOption()
        : base("--model", "-m")
    {
        Description = $"Folder with config.json, tokenizer.json and model.safetensors, or a GGUF file. Default: {Variable}, else the small model that comes with the program.";
        HelpName = "DIR";
    }

    /// <summary>The folder.</summary>
    /// <exception cref="GemmaVkException">None was given, and the program stands alone.</exception>
    public string Folder(ParseResult parsed)
    {
        if (parsed.GetValue(this) is { } given)
        {
            return given.Length > 0 ? CheckpointPath.Resolve(given) : throw new GemmaVkException("--model is empty: expected the folder of a checkpoint or a GGUF file; leave the flag out for the model that comes with the program.");
        }

        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen
            ? CheckpointPath.Resolve(chosen)
            : Embedded() ?? throw new GemmaVkException(
                $"--model is missing and no weights/pebble lies above {AppContext.BaseDirectory}: give the folder of a Gemma 4 checkpoint, or set {Variable}.");
    }

    /// <summary>weights/pebble of the repository that the program was built in.</summary>
    private static string? Embedded()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string pebble = Path.Combine(folder, "weights", "pebble");
            if (File.Exists(Path.Combine(pebble, "config.json")))
            {
                return pebble;
            }
        }

        return null;
    }
}
