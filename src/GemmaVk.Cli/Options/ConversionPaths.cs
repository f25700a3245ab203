using System.CommandLine;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>From where to where a checkpoint is written: <c>IN OUT</c>, or <c>--model IN --out OUT</c>, in every command that writes one.</summary>
internal sealed class ConversionPaths
{
    private readonly string _verb;
    private readonly Argument<string?> _in;
    private readonly Argument<string?> _out;
    private readonly ModelOption _model = new();
    private readonly OutOption _outOption;

    /// <param name="verb">Named in messages.</param>
    /// <param name="from">What can be read.</param>
    /// <param name="to">What is written.</param>
    public ConversionPaths(string verb, string from, string to)
    {
        _verb = verb;
        _in = new("IN") { Description = $"{from} The same as --model.", Arity = ArgumentArity.ZeroOrOne };
        _out = new("OUT") { Description = $"{to} The same as --out.", Arity = ArgumentArity.ZeroOrOne };
        _outOption = new(to, "OUT", required: false);
    }

    public void AddTo(Command command)
    {
        command.Arguments.Add(_in);
        command.Arguments.Add(_out);
        command.Options.Add(_model);
        command.Options.Add(_outOption);
    }

    /// <summary>Both paths.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="usual">Without either spelling of IN: the model that comes with the program, or a refusal.</param>
    /// <exception cref="GemmaVkException">One is missing, empty, or given twice.</exception>
    public (string From, string To) Read(ParseResult parsed, bool usual)
    {
        string? from = parsed.GetValue(_in), to = parsed.GetValue(_out);
        bool hasModel = parsed.GetResult(_model) is not null, hasOut = parsed.GetResult(_outOption) is not null;
        if (from is not null && hasModel)
        {
            throw new GemmaVkException($"{_verb}: expected the checkpoint to read once, but IN {from} and --model came; drop one.");
        }

        if (to is not null && hasOut)
        {
            throw new GemmaVkException($"{_verb}: expected what to write once, but OUT {to} and --out came; drop one.");
        }

        if (from is null && !hasModel && !usual)
        {
            throw new GemmaVkException($"{_verb}: expected a checkpoint to read, but none came; give IN and OUT, or --model and --out.");
        }

        return to is null && !hasOut ? throw new GemmaVkException($"{_verb}: expected what to write, but none came; give it as OUT after IN, or as --out.")
            : (from is null ? _model.Folder(parsed) : from.Length > 0 ? Weights.CheckpointPath.Resolve(from) : throw new GemmaVkException($"{_verb}: IN is empty: expected the folder of a checkpoint or a GGUF file; give one."),
                to is null ? _outOption.Read(parsed) : to.Length > 0 ? to : throw new GemmaVkException($"{_verb}: OUT is empty: expected a path to write to; give one."));
    }

    /// <summary>What OUT was given as, for the sentence that refuses it.</summary>
    public string OutFlag(ParseResult parsed) => parsed.GetResult(_outOption) is null ? "OUT" : "--out";
}
