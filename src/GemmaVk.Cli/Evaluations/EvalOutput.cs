using System.Collections.Generic;
using System.CommandLine;
using System.Text;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Evaluation.Reports;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Evaluations;

/// <summary>Where a report goes: names are looked at before the work, files written after it.</summary>
internal sealed class EvalOutput
{
    private readonly Terminal _terminal;
    private readonly OutputTarget? _markdown;
    private readonly OutputTarget? _html;
    private readonly bool _json;

    /// <param name="options">The flags.</param>
    /// <param name="parsed">What was given.</param>
    /// <param name="model">Folder or file of a model that is loaded, which no report may be written over.</param>
    /// <param name="terminal">Where tables and JSON go.</param>
    /// <exception cref="GemmaVkException">A name is no file to write, or one of those that are read or written otherwise.</exception>
    public EvalOutput(EvalOptions options, ParseResult parsed, string? model, Terminal terminal)
    {
        _terminal = terminal;
        _json = parsed.GetValue(options.Json);
        string?[] read = [parsed.GetValue(options.Questions), parsed.GetValue(options.Perplexity), .. parsed.GetValue(options.Against) ?? [], .. parsed.GetValue(options.Compare) ?? [], model];
        Dictionary<string, string> written = [];
        OutputTarget? Target(string flag, string? path)
        {
            if (path is null or "")
            {
                return null;
            }

            OutputTarget target = OutOption.TargetOf(path, flag, read);
            return target.Kind is OutputKind.Device or OutputKind.Pipe || written.TryAdd(target.Path, flag)
                ? target
                : throw new GemmaVkException($"{flag} {path}: expected another file than that of {written[target.Path]}, because one would be written over the other; give two names.");
        }

        _ = Target("--out", parsed.GetValue(options.Out));
        _ = Target("--save-logits", options.SaveLogits.Read(parsed));
        _markdown = Target("--markdown", options.Markdown.Read(parsed));
        _html = Target("--html", options.Html.Read(parsed));
    }

    /// <summary>Writes it everywhere.</summary>
    /// <exception cref="GemmaVkException">A file cannot be written.</exception>
    public void Write(EvalReport report)
    {
        string markdown = MarkdownReport.Text(report);
        if (_json)
        {
            JsonOutput.Write(_terminal.Out, json => JsonReport.Write(json, report));
        }
        else
        {
            _terminal.Out.Write(markdown);
        }

        _markdown?.Write(stream => stream.Write(Encoding.UTF8.GetBytes(markdown)));
        _html?.Write(stream => stream.Write(Encoding.UTF8.GetBytes(HtmlReport.Html(report))));
    }
}
