using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Terminals;
using GemmaVk.Evaluation.Agreement;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.Reports;
using GemmaVk.Evaluation.StoredLogits;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Evaluations;

/// <summary>Perplexity of a text, and agreement with stored logits.</summary>
internal sealed class PerplexityEval(EvalOptions options, LocalModel model, EvalOutput output)
{
    private const int UsualTop = 128;

    /// <summary>Does it.</summary>
    /// <exception cref="GemmaVkException">A file or a flag is wrong.</exception>
    public int Run(ParseResult parsed, Surroundings surroundings)
    {
        string path = parsed.GetValue(options.Perplexity)!;
        string content = InputText.OfFile("--perplexity", path);
        OutputTarget? save = Target(parsed);
        List<LogitsFile> files = [];
        try
        {
            foreach (string file in parsed.GetValue(options.Against) ?? [])
            {
                files.Add(Stored(file));
            }

            LogitsHeader? stored = files.FirstOrDefault()?.Header;
            WindowKind kind = options.Windows.Read(parsed) switch { "halves" => WindowKind.Halves, "sliding" => WindowKind.Sliding, _ => stored?.Kind ?? WindowKind.Sliding };
            int? stride = options.Stride.Read(parsed) ?? (kind == WindowKind.Sliding && options.Context.Read(parsed) is null ? stored?.Stride : null);
            int context = options.Context.Read(parsed) ?? stored?.Context ?? System.Math.Min(kind == WindowKind.Sliding ? WindowPlan.UsualContext : WindowPlan.UsualHalves, model.Config(parsed).MaxPositionEmbeddings);
            // What cannot be is said before a model is loaded.
            _ = WindowPlan.Of(kind, System.Math.Max(2, context), context, stride);
            using GemmaEngine engine = model.Load(parsed, surroundings, new EngineOptions { Model = model.Folder(parsed), Context = context, Drafter = "off" }, out Dictionary<string, string> origin);
            EvaluatedText text = EvaluatedText.Of(content, engine.Tokenizer, parsed.GetValue(options.Specials));
            WindowPlan plan = Planned(path, kind, text, context, stride);
            AgreementTally[] tallies = [.. files.Select(file => new AgreementTally(file, text, plan, engine.Model.Config.VocabSize))];
            LogitsHeader header = new(
                engine.ModelName, text.TokenizerHash, text.TextHash, engine.Model.Config.VocabSize, plan.Tokens, Top(parsed, engine.Model.Config.VocabSize), plan.Kind, plan.Context, plan.Stride, origin);
            PerplexityResult result = Score(engine, text, plan, tallies, save, header, surroundings.Terminal);
            output.Write(new EvalReport($"{engine.ModelName} on {Path.GetFileName(path)}", origin) { Perplexity = result, Against = [.. tallies.Select(tally => tally.Result())] });
            return ExitCode.Done;
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private static LogitsFile Stored(string path)
    {
        try
        {
            return LogitsFile.Open(path);
        }
        catch (GemmaVkException error)
        {
            throw new GemmaVkException($"--against {error.Message}", error);
        }
    }

    private static WindowPlan Planned(string path, WindowKind kind, EvaluatedText text, int context, int? stride)
    {
        try
        {
            return WindowPlan.Of(kind, text.Ids.Length, context, stride);
        }
        catch (GemmaVkException error)
        {
            throw new GemmaVkException($"--perplexity {path}: {error.Message}", error);
        }
    }

    private static PerplexityResult Score(
        GemmaEngine engine, EvaluatedText text, WindowPlan plan, AgreementTally[] tallies, OutputTarget? save, LogitsHeader header, Terminal terminal)
    {
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        CancellationToken cancel = interruption.Token;
        using CountLine line = new(terminal, "tokens");
        if (save is null)
        {
            return PerplexityRun.Run(engine, text, plan, tallies, line.Show, cancel).GetAwaiter().GetResult();
        }

        PerplexityResult? result = null;
        save.Write(stream => result = PerplexityRun.Run(engine, text, plan, [.. tallies, new LogitsWriter(stream, header)], line.Show, cancel).GetAwaiter().GetResult());
        return result!;
    }

    private OutputTarget? Target(ParseResult parsed)
    {
        string? path = options.SaveLogits.Read(parsed);
        if (path is null && (parsed.GetValue(options.Full) || options.Top.Read(parsed) is not null))
        {
            throw new GemmaVkException($"{(parsed.GetValue(options.Full) ? "--full" : "--logits-top")}: expected together with --save-logits FILE; add it or drop the flag.");
        }

        return parsed.GetValue(options.Full) && options.Top.Read(parsed) is not null
            ? throw new GemmaVkException("--full and --logits-top: expected one of them, because --full saves all; drop one.")
            : path is null ? null : OutOption.TargetOf(path, "--save-logits");
    }

    private int Top(ParseResult parsed, int vocabulary) => parsed.GetValue(options.Full) ? 0 : System.Math.Min(options.Top.Read(parsed) ?? UsualTop, vocabulary);
}
