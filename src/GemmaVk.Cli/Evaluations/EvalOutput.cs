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

    /// <exception cref="GemmaVkException">A name is no file to write.</exception>
    public EvalOutput(EvalOptions options, ParseResult parsed, Terminal terminal)
    {
        _terminal = terminal;
        _json = parsed.GetValue(options.Json);
        _markdown = options.Markdown.Read(parsed) is { } markdown ? OutOption.TargetOf(markdown, "--markdown") : null;
        _html = options.Html.Read(parsed) is { } html ? OutOption.TargetOf(html, "--html") : null;
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
