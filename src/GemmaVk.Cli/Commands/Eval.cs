using System.Collections.Generic;
using System.CommandLine;
using GemmaVk.Cli.Evaluations;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Runtime.Forward;

namespace GemmaVk.Cli.Commands;

/// <summary>How good a model is: on a text, on questions, against another run. What evaluates is loaded when it runs, so that the help is as fast as any.</summary>
internal sealed class Eval : Verb
{
    private readonly EvalOptions _eval = new();
    private readonly EndpointFlags _endpoint = new();
    private readonly MediaOptions _media = new();
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly OwnKernelOption _kernel = new();
    private readonly BudgetOptions _budget = new();
    private readonly PrecisionOptions _precision = new(new Precision());

    public Eval()
        : base("eval", "Measures quality: perplexity of a text and agreement with another run, or answers to questions, with confidence intervals. Talks to a network only with --endpoint.")
    {
        _eval.AddTo(this);
        _endpoint.AddTo(this);
        foreach (Option option in Local())
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk eval weights/tasks/pebble.jsonl",
        "gemmavk eval questions.jsonl --sessions 8 --out int4.jsonl --weights int4 --html int4.html",
        "gemmavk eval --compare bf16.jsonl int4.jsonl",
        "gemmavk eval --perplexity book.txt --context 4096 --stride 2048 --json",
        "gemmavk eval --perplexity book.txt --save-logits bf16.logits",
        "gemmavk eval --perplexity book.txt --weights int4 --against bf16.logits --html int4.html",
        "gemmavk eval --perplexity book.txt --model ~/gemma-4-12b.gguf --windows halves",
        "gemmavk eval questions.jsonl --endpoint http://127.0.0.1:8080/v1 --out server.jsonl",
    ];

    public override IReadOnlyList<string> First { get; } = ["--perplexity", "--model", "--device", "--weights", "--out", "--compare", "--against", "--html"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        _eval.Check(parsed, _endpoint.All, Local());
        bool here = parsed.GetResult(_eval.Compare) is null && parsed.GetResult(_endpoint.Address) is not { Implicit: false };
        EvalOutput output = new(_eval, parsed, here ? _model.Folder(parsed) : null, surroundings.Terminal);
        ulong seed = _eval.Seed.Read(parsed) ?? 0;
        if (parsed.GetResult(_eval.Compare) is not null)
        {
            return new CompareEval(_eval, seed, output).Run(parsed);
        }

        LocalModel model = new(_model, _mmproj, _device, _kernel, _budget, _precision, _media);
        return parsed.GetValue(_eval.Perplexity) is not null
            ? new PerplexityEval(_eval, model, output).Run(parsed, surroundings)
            : new QuestionsEval(_eval, _endpoint, model, seed, output).Run(parsed, surroundings);
    }

    /// <summary>The flags of a model in this program.</summary>
    private List<Option> Local()
    {
        Command all = new("local");
        all.Options.Add(_model);
        all.Options.Add(_mmproj);
        all.Options.Add(_device);
        all.Options.Add(_kernel);
        _media.AddSettingsTo(all);
        _budget.AddTo(all);
        _precision.AddTo(all);
        return [.. all.Options];
    }
}
