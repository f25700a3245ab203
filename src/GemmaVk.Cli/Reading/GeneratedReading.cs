using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Threading;
using GemmaVk.Cli.Answers;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Text;

namespace GemmaVk.Cli.Reading;

/// <summary>Documents of one question: opened before the model is loaded, put in front of the question, and cited behind the answer.</summary>
internal sealed class GeneratedReading(DocumentOptions documents, ParseResult parsed, Terminal terminal) : IDisposable
{
    private readonly OpenedDocuments _opened = OpenedDocuments.Of(documents, parsed, terminal);
    private DocumentDesk? _desk;
    private CitedPrinter? _cited;
    private string _question = "";

    /// <summary>Puts them on the model's desk.</summary>
    public GeneratedReading Open(GemmaEngine engine, int? context, MediaLoader loader)
    {
        _desk = _opened.Desk(engine, context ?? engine.DefaultContextLength, loader, terminal);
        return this;
    }

    /// <summary>The question with what it is answered from, and the options with the tool that looks for more.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="options">How it is answered.</param>
    /// <param name="printer">Shows the answer; null where nobody reads it as it comes.</param>
    /// <param name="cancel">Ends it.</param>
    public (MediaPrompt Prompt, AskOptions Options) Over(MediaPrompt prompt, AskOptions options, AnswerPrinter? printer, CancellationToken cancel)
    {
        _question = prompt.Text;
        _cited = printer is null ? null : new CitedPrinter(printer.Show, () => _desk!.Attribution(_question));
        DocumentTurn turn = _desk!.Front(_question, 0, options, cancel: cancel);
        return (prompt with { Front = turn.Parts, Tool = _desk.Tool }, SearchRounds.Offer(options, _desk.Tool));
    }

    /// <summary>Shows what one more token added, with its source once a sentence is whole.</summary>
    public void Show(ResponseDelta delta) => _cited!.Show(delta);

    /// <summary>Shows the last sentence.</summary>
    public void Finish() => _cited?.Finish();

    /// <summary>The sources of each sentence.</summary>
    public IReadOnlyList<CitedSentence> Citations(Answer answer) => _desk!.Attribution(_question).OfAnswer(answer.Text);

    /// <inheritdoc/>
    public void Dispose()
    {
        _desk?.Dispose();
        _opened.Dispose();
    }
}
