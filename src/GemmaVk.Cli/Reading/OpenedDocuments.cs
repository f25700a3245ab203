using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents;
using GemmaVk.Documents.Answers;
using GemmaVk.Documents.Index;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Reading;

/// <summary>The documents of a command line: read before a model is loaded for them, and put on a desk when it is there.</summary>
internal sealed class OpenedDocuments : IDisposable
{
    private const int MostListed = 5;

    private readonly List<Document> _documents;
    private readonly FolderIndex? _folder;
    private readonly bool _summarises;
    private readonly bool _ranks;

    private OpenedDocuments(List<Document> documents, FolderIndex? folder, bool summarises, bool ranks) =>
        (_documents, _folder, _summarises, _ranks) = (documents, folder, summarises, ranks);

    /// <summary>Reads what the flags name, and brings the folder's index up to date.</summary>
    /// <exception cref="GemmaVkException">A document or the index cannot be used.</exception>
    public static OpenedDocuments Of(DocumentOptions options, ParseResult parsed, Terminal terminal)
    {
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        string? pages = options.Pages(parsed);
        bool summarises = options.Summarises(parsed);
        bool ranks = options.Ranks(parsed);
        (string Folder, string? Index)? docs = options.Docs(parsed);
        List<Document> documents = [.. options.Files(parsed).Select(path => Read("--document", path, pages is null ? null : PageRange.Parse(pages), interruption.Token))];
        return new OpenedDocuments(documents, docs is { } folder ? Folder(folder.Folder, folder.Index, terminal, interruption.Token) : null, summarises, ranks);
    }

    /// <summary>Reads a document for a flag or command.</summary>
    public static Document Read(string flag, string path, PageRange? pages, CancellationToken cancel)
    {
        if (!Parts.Documents)
        {
            throw Parts.LeftOut(flag, nameof(Parts.Documents));
        }

        try
        {
            return DocumentReader.Read(path, pages, cancel: cancel);
        }
        catch (GemmaVkException error)
        {
            throw new GemmaVkException($"{flag}: {error.Message}", error);
        }
    }

    /// <summary>Opens a folder's index and brings it up to date.</summary>
    public static FolderIndex Folder(string folder, string? file, Terminal terminal, CancellationToken cancel)
    {
        if (!Parts.Documents)
        {
            throw Parts.LeftOut("--docs", nameof(Parts.Documents));
        }

        FolderIndex index = FolderIndex.Open(folder, file);
        try
        {
            IndexReport report = index.Update(null, cancel);
            terminal.Error.WriteLine(Line(folder, report));
            foreach ((string path, string reason) in report.Skipped.Take(MostListed))
            {
                terminal.Error.WriteLine(VisibleText.Sentence($"  {path}: {reason}"));
            }

            if (report.Skipped.Count > MostListed)
            {
                terminal.Error.WriteLine(FormattableString.Invariant($"  and {report.Skipped.Count - MostListed} more ('gemmavk index FOLDER --json' lists all)"));
            }

            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Puts them on a desk.</summary>
    /// <param name="engine">The model.</param>
    /// <param name="context">Most positions of the conversation.</param>
    /// <param name="loader">Resizes pictures of pages.</param>
    /// <param name="terminal">Gets what is said about them.</param>
    public DocumentDesk Desk(GemmaEngine engine, int context, MediaLoader loader, Terminal terminal)
    {
        DocumentDesk desk = new(engine, context, line => terminal.Error.WriteLine(VisibleText.Sentence(line)))
        {
            Summarises = _summarises,
            Ranks = _ranks,
            Loader = engine.Model.Config.VisionConfig is null ? null : loader,
        };
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        _documents.ForEach(document => desk.Add(document, interruption.Token));
        if (_folder is not null)
        {
            desk.Open(_folder);
        }

        return desk;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder?.Dispose();

    private static string Line(string folder, IndexReport report) => VisibleText.Sentence(FormattableString.Invariant(
        $"{folder}: {report.Files} file{(report.Files == 1 ? "" : "s")} with {report.Passages:N0} passages ({report.Read} read, {report.Renamed} under another name, {report.Removed} gone, {report.Binary} no documents)."));
}
